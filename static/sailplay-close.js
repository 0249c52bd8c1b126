// Ends a window of our own: the page that it was opened from goes on.
const to = document.getElementById('to').getAttribute('href');
new BroadcastChannel('kabinet-sailplay').postMessage(to);
window.close();
