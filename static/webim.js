// Opens Webim's chat and keeps the visitor's signature fresh. It stands before the vendor's script in
// the page, so it sees that script load or fail. Who the customer is, only the server says: here
// webim_visitor is passed on as it came.
const chat = document.getElementById('chat');
const parts = Object.fromEntries(['loading', 'open', 'stalled', 'ended', 'again'].map((name) => [name, document.getElementById(`chat-${name}`)]));
const shown = { loading: ['loading'], open: ['open', 'again'], stalled: ['stalled'], ended: ['ended'] };
let patience;
let freshness;

// closed → loading → open | stalled; stalled → open when the script comes late; ended when nobody is signed in any more.
function show(state) {
  chat.dataset.state = state;
  for (const [name, part] of Object.entries(parts)) part.hidden = !shown[state].includes(name);
  clearTimeout(patience);
  if (state === 'loading') patience = setTimeout(() => show('stalled'), Number(chat.dataset.patience));
}

function open() {
  if (!window.webim?.api) return show('stalled');
  if (chat.dataset.state === 'ended') return;
  show('open');
  webim.api.chat.start();
}

const idOf = (visitor) => (visitor?.fields ?? visitor)?.id;

function identify(visitor) {
  window.webim_visitor = visitor;
  window.webim?.api?.onProvidedVisitorChanged();
}

function detach() {
  clearTimeout(freshness);
  identify(null);
}

// A page that nobody looks at asks for nothing: its session may end for want of use. It catches up
// when it is looked at again.
const retry = 5_000;
let stale = false;

function refreshIn(milliseconds) {
  clearTimeout(freshness);
  if (milliseconds) freshness = setTimeout(() => (document.hidden ? (stale = true) : refresh()), milliseconds);
}

async function refresh() {
  stale = false;
  try {
    const answer = await fetch('/chat/visitor', { cache: 'no-store' });
    if (answer.status === 401) {
      detach();
      show('ended');
      return;
    }
    if (!answer.ok) throw new Error(answer.status);
    const visitor = await answer.json();
    if (idOf(visitor) !== idOf(window.webim_visitor)) return location.reload(); // somebody else has signed in meanwhile
    identify(visitor);
    refreshIn(Number(chat.dataset.refresh));
  } catch {
    refreshIn(retry);
  }
}

show('loading');
const button = document.getElementById('webim-button');
button.addEventListener('load', open);
button.addEventListener('error', () => show('stalled'));

if (window.webim_visitor) {
  refreshIn(Number(chat.dataset.refresh));
  document.addEventListener('visibilitychange', () => { if (stale && !document.hidden) refresh(); });
  new BroadcastChannel('kabinet').addEventListener('message', refresh); // the account has changed on another page
  document.querySelector('form[action="/logout"]').addEventListener('submit', detach);
}
