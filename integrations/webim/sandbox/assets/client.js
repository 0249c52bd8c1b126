// The visitor's window. In a frame the page around it says who the visitor is; otherwise the link did.
import { call, listen, pause } from './live.js';
import { Conversation } from './conversation.js';

const byId = (id) => document.getElementById(id);
const client = byId('client');
const framed = client.dataset.framed === 'true';

// A tab remembers its token, by which an anonymous visitor stays the same after a reload, and what it
// could not send, and for whom.
const memory = {
  get: (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } },
  set: (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* a browser that keeps nothing */ } },
};

let token = '';
let visitor = null; // as it came
let as = ''; // in whose name messages are written: the visitor's id, once it is believed
let page = { title: client.dataset.title, url: client.dataset.url }; // that the visitor came from
let connection;
let shown = !framed; // whether somebody can see the window
let seen = 0; // the last message that was seen, as the server knows
let turn = 0; // counts the visitors that the page has said

const idOf = (v) => (v?.fields ?? v)?.id ?? '';
const authorization = () => ({ Authorization: `Bearer ${token}` });
const post = (path, body) => call(`/chat/${path}`, { ...body, as }, authorization());
const conversation = new Conversation('visitor', { post, keep: (waiting) => memory.set('waiting', { of: idOf(visitor), waiting }) });

// begin begins a session, again and again until there is one, and follows it until it ends.
async function begin() {
  connection?.abort();
  const { signal } = (connection = new AbortController());
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const answer = await call('/chat/init', { visitor, resume: memory.get('token') ?? '', start: page });
      if (signal.aborted) return;
      token = answer.token;
      accept(answer);
      memory.set('token', token);
      if (await listen('/chat/events', { headers: authorization(), signal, onEvent, onConnection: (is) => conversation.showConnection(is) })) return;
      failures = 0; // the server has forgotten the session
    } catch {
      if (signal.aborted) return;
      conversation.showConnection(false);
    }
    await pause(failures);
  }
}

function onEvent(name, data) {
  if (name === 'reset') {
    seen = saying = 0;
    conversation.show();
  }
  if (name === 'message') conversation.add(data);
  if (name === 'state') {
    const who = byId('who');
    who.textContent = data.identified ? `${who.dataset.identified} ${data.name}` : who.dataset.anonymous;
    byId('offline').hidden = data.online;
    if (!data.open && document.activeElement === byId('end')) byId('text').focus(); // it goes
    byId('end').hidden = !data.open;
    // Without a page around nobody renews the visitor: whoever goes on then goes on as nobody.
    if (!framed && !data.identified) as = '';
    conversation.setSeen(data.read);
    conversation.showTyping(data.typing);
    seen = Math.max(seen, data.seen);
    read();
  }
}

// read says what has been seen, when somebody can have seen it, and tells the page around how many
// messages wait for that. The number is no secret from whoever may frame the window.
let saying = 0;
function read() {
  const unread = [...document.querySelectorAll('#log .operator')].filter((e) => Number(e.dataset.id) > seen);
  const visible = shown && !document.hidden;
  if (framed) parent.postMessage({ source: 'webim', event: 'unread', unread: visible ? 0 : unread.length }, '*');
  if (!visible || !unread.length || saying >= conversation.last) return;
  saying = conversation.last;
  post('read', { id: saying }).catch(async () => {
    await pause(3);
    saying = 0;
    read();
  });
}
document.addEventListener('visibilitychange', read);

// accept takes the server's word for whether the visitor is believed. One whose time is over will be
// renewed by the page around: until then nothing is written as nobody.
function accept(answer) {
  as = answer.identified || (framed && answer.expired) ? idOf(visitor) : '';
}

// identify takes the visitor that the page around has now, again and again until the server has it or
// the page has another. Somebody else gets a session of their own: the words of the one before are gone
// at once, what was not sent too, and nothing that is still on its way for the one before can reach this one.
async function identify(next) {
  const mine = ++turn;
  const another = idOf(visitor) !== idOf(next);
  visitor = next;
  if (another) {
    const before = authorization();
    token = as = '';
    memory.set('token', '');
    conversation.forget();
    begin();
    call('/chat/identify', { visitor: null }, before).catch(() => {}); // the previous session is nobody's
    return;
  }
  for (let failures = 0; mine === turn; failures++) {
    try {
      const answer = await call('/chat/identify', { visitor }, authorization());
      if (mine === turn) accept(answer);
      return;
    } catch {
      await pause(failures);
    }
  }
}

byId('end').addEventListener('click', () => post('close', {}).catch(() => {}));

if (framed) {
  const hide = () => {
    shown = false; // at once: what comes before the page around has answered was seen by nobody
    parent.postMessage({ source: 'webim', event: 'hide' }, '*');
  };
  byId('hide').addEventListener('click', hide);
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
  let known = false;
  addEventListener('message', (event) => {
    if (event.source !== parent || event.data?.source !== 'webim-page') return;
    if (event.data.event === 'shown') {
      shown = event.data.shown;
      if (shown && event.data.focus) byId('text').focus();
      read();
    }
    if (event.data.event !== 'visitor') return;
    if (known) {
      identify(event.data.visitor);
      return;
    }
    known = true;
    page = event.data.page;
    start(event.data.visitor);
  });
  parent.postMessage({ source: 'webim', event: 'ready' }, '*');
} else {
  // The address was a credential: it need not stay in the history. This tab keeps it for a reload.
  history.replaceState(null, '', location.pathname);
  let object = client.dataset.visitor;
  try {
    object = object ? JSON.parse(object) : memory.get('visitor');
  } catch {
    // The server says what is wrong with it.
  }
  memory.set('visitor', object);
  start(object);
}

// start begins with a visitor, and with what a page before this one could not send in the same name.
function start(object) {
  visitor = object;
  const kept = memory.get('waiting');
  as = idOf(visitor); // until the server has said whether it is believed, nothing is written as nobody
  begin();
  if (kept?.of === idOf(visitor)) conversation.send(kept.waiting);
  else conversation.forget();
}
