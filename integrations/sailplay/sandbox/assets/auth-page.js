// Tells the page around the frame that somebody has signed in, or will not. The text is JSON, as the
// published SDK reads it; only the partner's own origins are told.
const told = document.getElementById('told');
const tell = (message) => {
  // An origin that is not the page's around does not receive it: the browser compares them.
  for (const origin of told.dataset.origins.split(' ')) parent.postMessage(JSON.stringify(message), origin);
};
if (told.dataset.hash) tell({ name: 'login.success', auth_hash: told.dataset.hash });
document.getElementById('cancel')?.addEventListener('click', () => tell({ name: 'login.cancel' }));
