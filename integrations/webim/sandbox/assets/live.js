// Server-sent events read by fetch. Unlike EventSource that can send a header, so that a page's token
// need not stand in an address.

const patience = 40_000; // the server says that it is there every 15 s
const opening = 15_000; // for an answer to begin, or to a call

// pause waits longer after each failure.
export const pause = (failures) => new Promise((done) => setTimeout(done, Math.min(10_000, 250 * 2 ** failures)));

// listen calls onEvent(name, data) for each event until signal is aborted, and connects again when the
// connection is lost, where it left off; place.last is where that is. It returns false when the server
// no longer knows the page.
export async function listen(address, { headers = {}, signal, onEvent, onConnection, place = { last: '' } }) {
  for (let failures = 0; !signal.aborted; failures++) {
    const giveUp = new AbortController();
    const begun = setTimeout(() => giveUp.abort(), opening);
    try {
      const answer = await fetch(address, { headers: place.last ? { ...headers, 'Last-Event-ID': place.last } : headers, cache: 'no-store', signal: AbortSignal.any([signal, giveUp.signal]) });
      clearTimeout(begun);
      if (answer.status === 401) return false;
      if (answer.ok) {
        onConnection(true);
        for await (const event of events(answer.body)) {
          failures = 0;
          if (signal.aborted) return true;
          if (event.name) onEvent(event.name, JSON.parse(event.data));
          if (event.id) place.last = event.id;
        }
      }
    } catch {
      // The connection is lost; below it is tried again.
    }
    clearTimeout(begun);
    if (signal.aborted) return true;
    onConnection(false);
    await pause(failures);
  }
  return true;
}

// events takes a stream apart: lines, and an empty one after each event.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const silence = setTimeout(() => reader.cancel().catch(() => {}), patience);
    const { value, done } = await reader.read();
    clearTimeout(silence);
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const event = {};
      for (const line of block.split('\n')) {
        const [, field, text] = /^(\w*): ?(.*)$/.exec(line) ?? [];
        if (field === 'event') event.name = text;
        else if (field) event[field] = text;
      }
      yield event;
    }
  }
}

// call posts JSON and returns the answer. It throws when there is none within a while, with refused set
// when trying again is no use.
export async function call(address, body, headers = {}) {
  const answer = await fetch(address, {
    method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body), keepalive: true, signal: AbortSignal.timeout(opening),
  });
  if (!answer.ok) throw Object.assign(new Error(answer.status), { refused: [400, 403, 404, 413].includes(answer.status) });
  return answer.status === 204 ? null : answer.json();
}
