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
  document.title = `${errors.querySelector('h2').textContent}: ${document.title}`;
  history.replaceState(null, '', errors.dataset.return);
}

// Times are shown in the reader's own zone, and written as the page's own, which are in UTC.
const inRussian = document.documentElement.lang === 'ru';
const time = new Intl.DateTimeFormat(inRussian ? 'ru' : 'en-GB', {
  day: inRussian ? '2-digit' : 'numeric', month: inRussian ? '2-digit' : 'short', year: 'numeric', hour: '2-digit', minute: '2-digit',
});
function localTimes() {
  for (const element of document.querySelectorAll('time[datetime]')) {
    element.textContent = time.format(new Date(element.dateTime)).replace('Sept', 'Sep');
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
  // It is said once: whoever comes back to the page has not done it again.
  const address = new URL(location);
  if (address.searchParams.has('saved') || address.searchParams.has('refreshed')) {
    address.searchParams.delete('saved');
    address.searchParams.delete('refreshed');
    history.replaceState(null, '', address);
  }
}
