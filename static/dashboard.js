// Cards whose figures are not fresh ask for them, each for itself: a vendor that is slow holds up no other.

import { replaceWhenLeft } from './replace.js';

for (const card of document.querySelectorAll('[data-stale]')) refresh(card);

async function refresh(card) {
  try {
    const body = new URLSearchParams(new FormData(card.querySelector('form')));
    const answer = await fetch('/dashboard/refresh', { method: 'POST', body });
    if (!answer.ok || new URL(answer.url).pathname !== '/dashboard') return; // the session has ended
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById(card.id);
    if (fresh) await replaceWhenLeft(card, fresh);
  } catch {
    // There is no connection: what is known stays.
  }
}
