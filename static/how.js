// The drawer that tells how an integration works: what is in it comes from the server when it is opened, and again
// while it is open and somebody looks.

import { renew } from './replace.js';

const drawer = document.querySelector('[data-how]');
const [path, query] = drawer.dataset.how.split('?');
const content = drawer.querySelector('.how-content');
const every = 2_000;
let shown = '';
let asking = false;

async function refresh() {
  if (asking || !drawer.open || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(`${path}/now?${query}`, { cache: 'no-store' });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const steps = page.getElementById('how');
    if (!steps || steps.innerHTML === shown) return; // what has not changed keeps the selection
    shown = steps.innerHTML;
    renew(content, steps);
  } catch {
    // There is no connection: what is known stays.
  } finally {
    asking = false;
  }
}

drawer.open = sessionStorage.getItem('how') === path; // it stays open when something is broken and the page comes again
drawer.addEventListener('toggle', () => {
  if (drawer.open) sessionStorage.setItem('how', path);
  else sessionStorage.removeItem('how');
  refresh();
});
document.addEventListener('visibilitychange', refresh);
setInterval(refresh, every);
