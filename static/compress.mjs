// Compresses the portal's own files ahead, for `make assets`: each under the hash of what it holds, so that a file that
// was changed since is never served as it was before.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const here = new URL('.', import.meta.url).pathname;
const out = `${here}npm/compressed/`;
mkdirSync(out, { recursive: true });
const kept = new Set();
for (const folder of [here, `${here}npm/`]) {
  for (const name of readdirSync(folder).filter((n) => /\.(css|js|svg)$/.test(n))) {
    const text = readFileSync(folder + name);
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    for (const [ending, compress] of [['br', brotliCompressSync], ['gz', (t) => gzipSync(t, { level: 9 })]]) {
      kept.add(`${hash}.${ending}`);
      if (!existsSync(`${out}${hash}.${ending}`)) writeFileSync(`${out}${hash}.${ending}`, compress(text));
    }
  }
}
for (const name of readdirSync(out)) if (!kept.has(name)) rmSync(out + name);
