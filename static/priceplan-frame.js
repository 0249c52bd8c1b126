// Tells the portal's page around this one that there is no cabinet to wait for.
if (window.parent !== window) {
  window.parent.postMessage({ source: 'kabinet', event: 'failed' }, location.origin);
}
