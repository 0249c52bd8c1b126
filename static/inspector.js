// The inspector is live: when the server says that there is something new, the page asks for itself again and
// takes over the list. What is open stays open.

import { renew } from './replace.js';

const list = document.getElementById('exchanges');

async function refresh() {
  const response = await fetch(`/admin/inspector/list${location.search}`);
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const open = [...list.querySelectorAll('details[open]')].map((details) => details.id);
  const focused = document.activeElement?.closest('#exchanges details')?.id;
  renew(list, page.getElementById('exchanges'));
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  if (focused) document.getElementById(focused)?.querySelector('summary').focus();
}

document.addEventListener('click', async ({ target }) => {
  if (!target.dataset.copy) return;
  await navigator.clipboard.writeText(document.getElementById(target.dataset.copy).textContent);
  target.textContent = target.dataset.copied;
});

const live = new EventSource('/admin/inspector/live');
live.addEventListener('message', refresh);
live.addEventListener('open', refresh); // what came before it was listening
