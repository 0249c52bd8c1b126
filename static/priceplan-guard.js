// The resizer believes pages without an origin of their own, and does not look at who sends. This
// listener stands before its, and lets it hear the cabinet in our frame only.
window.addEventListener('message', (event) => {
  if (typeof event.data !== 'string' || !event.data.startsWith('[iFrame')) return;
  const own = document.querySelector('#cabinet-frame iframe');
  const { origin } = document.getElementById('cabinet').dataset;
  if (!own || event.source !== own.contentWindow || event.origin !== origin) event.stopImmediatePropagation();
});
