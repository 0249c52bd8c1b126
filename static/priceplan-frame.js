// Tells the portal's page around this one that there is no cabinet to wait for, and, when the
// reader tries again, that there is one.
function tell(event) {
  if (window.parent !== window) window.parent.postMessage({ source: 'kabinet', event }, location.origin);
}

tell('failed');
document.getElementById('retry')?.addEventListener('click', () => tell('retrying'));
