// The demo's tour says by itself when what was to be seen has happened: in a frame, or in another window.

import { renew } from './replace.js';

const tour = document.querySelector('[data-tour]');
let asking = false;

async function refresh() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(tour.dataset.tour, { cache: 'no-store' });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const stop = page.querySelector('.tour-stop');
    if (!stop) return;
    // Part by part: what says that it has happened is a status, and is read out only where it stays.
    const [shown, now] = [tour, stop].map((one) => [...one.querySelectorAll('.tour-says > *, form')]);
    if (shown.length !== now.length) return renew(tour.firstElementChild, stop);
    shown.forEach((part, i) => { if (part.innerHTML !== now[i].innerHTML) renew(part, now[i]); });
  } catch {
    // There is no connection: what is known stays.
  } finally {
    asking = false;
  }
}

setInterval(refresh, 2_000);
document.addEventListener('visibilitychange', refresh);
