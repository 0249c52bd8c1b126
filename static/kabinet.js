// What every page does better with scripts, and does without them too.

// A form is sent once, however often its button is pressed. After a while it can be sent again.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post') return;
  if (Date.now() - form.dataset.sent < 10_000) event.preventDefault();
  else form.dataset.sent = Date.now();
});

// A browser may bring a page back as it was, however long ago, and whoever has signed out since.
window.addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  document.documentElement.hidden = true; // until it comes anew, which may take a while
  location.reload();
});

// The account has changed, or was left: other pages of the portal may have to know.
if (document.querySelector('[data-changed]')) new BroadcastChannel('kabinet').postMessage('changed');

// What happens in the browser alone is told to the portal, for its inspector.
document.addEventListener('happened', ({ detail }) => navigator.sendBeacon('/inspector/happened', new URLSearchParams({ event: detail })));

// A reader who has been told that something is wrong begins there. Coming back later, or
// reloading, they get the form anew: a browser would ask whether to send it again.
const errors = document.getElementById('errors');
if (errors) {
  errors.focus();
  history.replaceState(null, '', errors.dataset.return);
}

// Times are shown in the reader's own zone; the page's own are in UTC.
const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
function localTimes() {
  for (const element of document.querySelectorAll('time[datetime]')) {
    element.textContent = time.format(new Date(element.dateTime));
  }
}
localTimes();
document.addEventListener('refreshed', localTimes); // by a page that has taken over new content

// A password can be looked at while it is typed.
for (const button of document.querySelectorAll('[data-reveal]')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', shown);
  });
  input.form.addEventListener('submit', () => { input.type = 'password'; });
}

// What was done is said at the top, to who looks and to who listens: the reader begins there.
const said = document.querySelector('main .note[role="status"]:not([hidden])');
if (said && !errors && location.search) {
  said.tabIndex = -1;
  said.focus();
}

// What was typed outlives a session that has ended meanwhile, a lost connection, and the way back. It is kept in this
// tab, for the same reader and page; no password, and nothing once another page was gone to.
const draftKey = 'typed';
const reader = document.documentElement.dataset.reader ?? '';
const typedFields = (form) => [...form.elements].filter((e) => e.name && e.type !== 'hidden' && e.type !== 'password' && e.type !== 'submit' && e.autocomplete !== 'one-time-code');
const draftForm = document.querySelector('form.stack');
const arrived = performance.getEntriesByType('navigation')[0]?.type;
const draft = JSON.parse(sessionStorage.getItem(draftKey) ?? 'null');
const signsIn = location.pathname.startsWith('/login');
if (draft && signsIn && location.search.includes('ended')) {
  sessionStorage.setItem(draftKey, JSON.stringify({ ...draft, interrupted: true }));
} else if (draft && !signsIn) {
  const back = draft.interrupted || arrived === 'back_forward' || arrived === 'reload';
  if (draftForm && !errors && back && draft.reader === reader && draft.path === location.pathname) {
    for (const field of typedFields(draftForm)) {
      if (!(field.name in draft.values)) continue;
      if (field.type === 'checkbox') field.checked = draft.values[field.name];
      else field.value = draft.values[field.name];
    }
  } else {
    sessionStorage.removeItem(draftKey);
  }
}
if (draftForm && !signsIn) {
  const keep = () => sessionStorage.setItem(draftKey, JSON.stringify({
    path: location.pathname, reader, values: Object.fromEntries(typedFields(draftForm).map((f) => [f.name, f.type === 'checkbox' ? f.checked : f.value])),
  }));
  draftForm.addEventListener('input', keep);
  draftForm.addEventListener('submit', keep);
}
document.querySelector('form[action="/logout"]')?.addEventListener('submit', () => sessionStorage.removeItem(draftKey));
