// Ends the popup of unified authorization: tells the page that opened it, at the partner's own address only,
// where to go on to. Without such a page the window goes on itself.
const { to, origin } = document.getElementById('done').dataset;
if (window.opener) {
  opener.postMessage({ name: 'oauth.done', to }, origin);
  window.close();
} else {
  location.replace(to);
}
