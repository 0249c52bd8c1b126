// Opens the way to SailPlay in a window of our own, and asks for fresh figures.

import { replaceWhenLeft } from './replace.js';

// The opener's handle does not survive Cross-Origin-Opener-Policy: the window tells by a channel where to go.
new BroadcastChannel('kabinet-sailplay').addEventListener('message', ({ data }) => {
  if (!data.startsWith('/loyalty')) return;
  document.dispatchEvent(new CustomEvent('happened', { detail: 'popup_closed' }));
  location.href = data;
});

const form = document.querySelector('form[data-popup]');
const openWindow = () => window.open('', form.dataset.popup, 'popup,width=480,height=720');
form?.addEventListener('submit', () => {
  const popup = openWindow();
  form.target = popup ? form.dataset.popup : '';
  form.querySelector('[name=popup]')?.remove();
  if (!popup) return; // it is blocked: then in this tab
  const mark = document.createElement('input');
  Object.assign(mark, { type: 'hidden', name: 'popup', value: 'yes' });
  form.append(mark);
  setTimeout(() => delete form.dataset.sent); // whoever closes the window may press again at once
});

// The vendor's own way, where its script is there. What it is called is the sandbox's: nothing else depends on it.
const own = document.getElementById('connect-sdk');
addEventListener('load', () => { if (own) own.hidden = !window.SailPlayOAuth; });
own?.addEventListener('click', async () => {
  // At the press itself, since WebKit opens no window once an answer was awaited; the script finds it by its name.
  const popup = openWindow();
  if (!popup) return form.requestSubmit();
  const answer = await fetch(form.action, {
    method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'popup=yes',
  });
  if (answer.ok && window.SailPlayOAuth.authorize(await answer.json())) return;
  popup.close();
  form.requestSubmit();
});

// Fresh figures come with the page that refreshing leads to.
const figures = document.getElementById('figures');
if (figures?.dataset.stale === 'true') {
  try {
    const body = new URLSearchParams(new FormData(figures.querySelector('form')));
    const answer = await fetch('/loyalty/refresh', { method: 'POST', body });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('figures');
    if (fresh) await replaceWhenLeft(figures, fresh);
  } catch {
    // There is no connection: what is known stays.
  }
}
