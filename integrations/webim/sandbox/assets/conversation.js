// What the visitor's window and the operator's console share: the messages, each once, and writing one,
// which is tried until the server has it. Whatever is written is shown as text.

import { pause } from './live.js';

const byId = (id) => document.getElementById(id);

export class Conversation {
  // mine is who writes here: visitor or operator. post(path, body, to) sends; keep(waiting) remembers
  // what is not sent yet, for a page after this one.
  constructor(mine, { post, keep = () => {} }) {
    Object.assign(this, { mine, post, keep });
    this.texts = byId('conversation').dataset;
    this.log = byId('log');
    this.form = byId('write');
    this.waiting = []; // {key, text, to}: what the server does not have yet, as far as is known here
    this.drafts = new Map(); // what is being written to others
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.write();
    });
    this.form.text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.write();
    });
    this.form.text.addEventListener('input', () => this.tellTyping());
    this.log.addEventListener('scroll', () => { this.following = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60; });
    new ResizeObserver(() => this.follow()).observe(this.log);
    this.show();
  }

  // show begins another conversation, with whom to says, or the same anew. What waits for it is shown,
  // and what was being written is there again.
  show(to = this.to) {
    if (to !== this.to) {
      this.drafts.set(this.to, this.form.text.value);
      this.form.text.value = this.drafts.get(to) ?? '';
      this.to = to;
    }
    this.shown = new Set();
    this.lines = new Map(); // of what the server has not shown yet, by key
    this.seen = 0;
    this.last = 0;
    this.following = true;
    this.log.replaceChildren();
    this.showTyping(false);
    for (const m of this.waiting) if (m.to === to) this.showWaiting(m);
    this.update();
  }

  // forget drops what waits and what is being written: it was somebody else's.
  forget() {
    this.waiting = [];
    this.drafts.clear();
    this.form.text.value = '';
    this.keep(this.waiting);
    this.show();
  }

  write() {
    const text = this.form.text.value.trim();
    if (!text) return;
    this.form.text.value = '';
    this.send([{ key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, text, to: this.to }]);
  }

  // send shows messages as waiting, and sends them in order, one after the other.
  async send(messages = []) {
    for (const m of messages) {
      this.waiting.push(m);
      this.showWaiting(m);
    }
    this.keep(this.waiting);
    this.update();
    if (this.sending) return;
    this.sending = true;
    for (let failures = 0; this.waiting.length;) {
      const m = this.waiting[0];
      try {
        await this.post('messages', { key: m.key, text: m.text }, m.to);
        failures = 0;
        this.sent(m.key);
      } catch (error) {
        if (error.refused) this.refused(m);
        else await pause(failures++);
      }
    }
    this.sending = false;
  }

  sent(key) {
    this.waiting = this.waiting.filter((m) => m.key !== key);
    this.keep(this.waiting);
    this.update();
  }

  // refused gives a message back to whoever wrote it, if it is still theirs.
  refused(m) {
    if (!this.waiting.includes(m)) return;
    this.lines.get(m.key)?.remove();
    this.lines.delete(m.key);
    const back = (text) => [m.text, text].filter(Boolean).join('\n');
    if (m.to === this.to) this.form.text.value = back(this.form.text.value);
    else this.drafts.set(m.to, back(this.drafts.get(m.to)));
    this.sent(m.key);
  }

  showWaiting(m) {
    const line = this.line({ from: this.mine, text: m.text, at: Date.now() });
    line.classList.add('waiting');
    this.lines.set(m.key, line);
  }

  // add shows a message that the server has, in place of the line that waited.
  add(m) {
    if (this.shown.has(m.id)) return;
    this.shown.add(m.id);
    this.last = Math.max(this.last, m.id);
    if (m.from === this.mine) {
      this.lines.get(m.key)?.remove();
      this.lines.delete(m.key);
      this.sent(m.key);
    } else {
      this.showTyping(false);
    }
    this.line(m).dataset.id = m.id;
    for (const line of this.lines.values()) this.log.append(line); // what waits stays below
    this.update();
  }

  line(m) {
    const item = document.createElement('div');
    item.className = m.from;
    const about = document.createElement('span');
    about.className = 'hint';
    if (m.from !== 'system') about.append(this.texts[m.from], ' · ');
    const at = new Date(m.at);
    const time = document.createElement('time');
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleTimeString(document.documentElement.lang === 'en' ? 'en-GB' : 'ru', { hour: '2-digit', minute: '2-digit' });
    about.append(time);
    const text = document.createElement('p');
    text.textContent = m.from === 'system' ? this.texts[m.text] : m.text;
    item.append(about, text);
    this.log.append(item);
    return item;
  }

  // update marks what is not sent yet, and the last of one's own that the other side has seen.
  update() {
    byId('empty').hidden = this.log.childElementCount > 0;
    for (const mark of this.log.querySelectorAll('.receipt')) mark.remove();
    for (const line of this.lines.values()) this.mark(line, this.texts.sending);
    const seen = [...this.log.querySelectorAll(`.${this.mine}[data-id]`)].findLast((e) => Number(e.dataset.id) <= this.seen);
    if (seen) this.mark(seen, this.texts.seen);
    this.follow();
  }

  // follow keeps the newest line in sight, unless somebody has scrolled up to read.
  follow() {
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  mark(line, text) {
    const mark = document.createElement('span');
    mark.className = 'hint receipt';
    mark.textContent = text;
    line.append(mark);
  }

  setSeen(id) {
    if (id === this.seen) return;
    this.seen = id;
    this.update();
  }

  // tellTyping tells the other side, not oftener than every two seconds.
  tellTyping() {
    if (Date.now() - (this.told ?? 0) < 2_000) return;
    this.told = Date.now();
    this.post('typing', {}, this.to).catch(() => {});
  }

  // showTyping says that the other side is writing, until nothing has been heard of it for a while.
  showTyping(is) {
    clearTimeout(this.quiet);
    const line = byId('typing');
    const text = is ? line.dataset.text : '';
    if (line.textContent !== text) line.textContent = text;
    if (is) this.quiet = setTimeout(() => this.showTyping(false), 5_000);
  }

  // showConnection says that the connection is lost, when that lasts.
  showConnection(is) {
    clearTimeout(this.losing);
    const note = byId('connection');
    if (is) note.hidden = true;
    else this.losing = setTimeout(() => Object.assign(note, { hidden: false, textContent: note.dataset.lost }), 1_000);
  }
}
