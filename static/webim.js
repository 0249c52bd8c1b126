// Opens Webim's chat and keeps the visitor's signature fresh. It stands before the vendor's script in
// the page, so it sees that script load or fail. Who the customer is, only the server says: here
// webim_visitor is passed on as it came.
const chat = document.getElementById('chat');
const parts = Object.fromEntries(['loading', 'open', 'stalled', 'ended', 'again'].map((name) => [name, document.getElementById(`chat-${name}`)]));
// While the chat is loading, what it will stand with has its room already, unseen: nothing below moves when it comes.
const shown = { loading: ['loading', 'open', 'again'], open: ['open', 'again'], stalled: ['stalled'], ended: ['ended'] };
let patience;
let freshness;

// loading → open | stalled; stalled → open when the script comes late; ended, for good, when
// nobody is signed in any more.
function show(state) {
  if (chat.dataset.state === 'ended') return;
  chat.dataset.state = state;
  for (const [name, part] of Object.entries(parts)) part.hidden = !shown[state].includes(name);
  clearTimeout(patience);
  if (state === 'open' && chat.dataset.goesOn === 'true') document.dispatchEvent(new CustomEvent('happened', { detail: 'chat_resumed' }));
  if (state === 'open' || state === 'stalled') document.dispatchEvent(new CustomEvent('happened', { detail: `chat_${state}` }));
  if (state === 'loading') patience = setTimeout(() => show('stalled'), Number(chat.dataset.patience));
}

function open() {
  show(window.webim?.api ? 'open' : 'stalled');
  // On a telephone the chat would lie over the tour, which says what to do there: a press opens it then.
  const covers = document.querySelector('.tour') && matchMedia('(max-width: 720px)').matches;
  if (chat.dataset.state === 'open' && !covers) webim.api.chat.start();
}

const idOf = (visitor) => (visitor?.fields ?? visitor)?.id;

function identify(visitor) {
  window.webim_visitor = visitor;
  window.webim?.api?.onProvidedVisitorChanged();
  document.dispatchEvent(new CustomEvent('happened', { detail: 'visitor_changed' }));
}

let left = false; // nobody is signed in any more: an answer that is still on its way changes nothing
let asking; // the refresh that counts

function detach() {
  left = true;
  asking?.abort();
  clearTimeout(freshness);
  due = Infinity;
  identify(null);
}

// end says that nobody is signed in any more, on the sign-in page where strangers have no chat.
function end() {
  detach();
  if (chat.dataset.strangers === 'true') show('ended');
  else location.replace('/login?next=%2Fchat');
}

const retry = 5_000;
let due; // by the clock, which goes on while the machine sleeps: a timer does not

function refreshIn(milliseconds) {
  due = Date.now() + milliseconds;
  clearTimeout(freshness);
  freshness = setTimeout(refresh, milliseconds);
}

// refreshIfDue is for whoever comes back: from sleep, to the window, or to the network.
function refreshIfDue() {
  if (Date.now() >= due) refresh();
}

// refresh fetches the visitor as it is now. A page that nobody looks at stays identified, and does not
// keep its session alive.
async function refresh() {
  if (left) return;
  refreshIn(retry); // unless it goes well
  asking?.abort();
  const { signal } = (asking = new AbortController());
  try {
    const answer = await fetch(document.hidden ? '/chat/visitor' : '/chat/visitor?looking', { cache: 'no-store', signal });
    const visitor = answer.ok && (await answer.json());
    if (signal.aborted) return;
    if (answer.status === 401) return end();
    if (!visitor) return;
    if (idOf(visitor) !== idOf(window.webim_visitor)) return location.reload(); // somebody else has signed in meanwhile
    identify(visitor);
    refreshIn(Number(chat.dataset.refresh));
  } catch {
    // There is no connection, or a newer refresh: it is tried again.
  }
}

show('loading');
const button = document.getElementById('webim-button');
button.addEventListener('load', open);
button.addEventListener('error', () => show('stalled'));

if (window.webim_visitor) {
  refreshIn(Number(chat.dataset.refresh));
  // Meanwhile somebody may have signed out, in as another, or changed the profile.
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
  for (const event of ['focus', 'online', 'pageshow']) addEventListener(event, refreshIfDue);
  setInterval(refreshIfDue, retry); // a machine that wakes with the page before one's eyes tells nobody
  new BroadcastChannel('kabinet').addEventListener('message', refresh);
  document.querySelector('form[action="/logout"]').addEventListener('submit', detach);
}
