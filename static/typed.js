// What was typed outlives a session that has ended meanwhile, a lost connection, and the way back. It is kept in this
// tab, for the same reader and the same page; no password, no code, and nothing once the portal has taken it.

const key = 'typed';
const reader = document.documentElement.dataset.reader ?? '';
const form = document.querySelector('form.stack');
const errors = document.getElementById('errors');
const signsIn = location.pathname.startsWith('/login');
const arrived = performance.getEntriesByType('navigation')[0]?.type;
const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null');
const forget = () => sessionStorage.removeItem(key);

const fields = () => [...form.elements].filter((field) => field.name
  && !['hidden', 'password', 'submit'].includes(field.type) && field.autocomplete !== 'one-time-code');
const valueOf = (field) => (field.type === 'checkbox' ? field.checked : field.value);

function keep(event) {
  sessionStorage.setItem(key, JSON.stringify({
    path: location.pathname, reader, sent: event.type === 'submit',
    values: Object.fromEntries(fields().map((field) => [field.name, valueOf(field)])),
  }));
}

function restore() {
  for (const field of fields()) {
    if (!(field.name in kept.values)) continue;
    if (field.type === 'checkbox') field.checked = kept.values[field.name];
    else field.value = kept.values[field.name];
  }
  const note = document.getElementById('restored');
  note.hidden = false;
  note.focus();
}

const changed = () => fields().some((field) => field.name in kept.values && valueOf(field) !== kept.values[field.name]);
// An answer to the form comes from its page; coming back to it, or anew, does not.
const answered = kept?.sent && arrived === 'navigate' && document.referrer
  && new URL(document.referrer).pathname === kept.path;
const back = arrived === 'back_forward' || arrived === 'reload';

if (kept && signsIn) {
  if (location.search.includes('ended')) sessionStorage.setItem(key, JSON.stringify({ ...kept, interrupted: true }));
} else if (kept && kept.reader !== reader) {
  forget();
} else if (kept && kept.path === location.pathname && form && !errors && (kept.interrupted || back || kept.sent && !answered)) {
  if (changed()) addEventListener('pageshow', restore, { once: true }); // after what the browser does by itself
} else if (kept && (answered || kept.path === location.pathname)) {
  forget();
}
// A browser fills a form by itself on the way back, whoever has signed in since.
if (back && form && (!kept || kept.reader !== reader)) addEventListener('pageshow', () => form.reset(), { once: true });

if (form && !signsIn) {
  form.addEventListener('input', keep);
  form.addEventListener('submit', keep);
}
document.querySelector('form[action="/logout"]')?.addEventListener('submit', forget);
