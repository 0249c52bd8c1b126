// Opens PricePlan's cabinet as the vendor's guides say, and says what is the matter when it does
// not open. With the widget it stands before the vendor's scripts in the page, so it sees the
// widget's load or fail; the resizer may come sooner, later or never. With a frame of our own the
// resizer is ours too and stands before it.
const cabinet = document.getElementById('cabinet');
const frame = document.getElementById('cabinet-frame');
const parts = {
  loading: document.getElementById('cabinet-loading'),
  stalled: document.getElementById('cabinet-stalled'),
  left: document.getElementById('cabinet-left'),
};
let patience;

// closed → loading → ready | failed | stalled; ready → left. "failed" shows our own page in the
// frame, from which one can try again: failed → loading.
function show(state) {
  cabinet.dataset.state = state;
  for (const [name, part] of Object.entries(parts)) part.hidden = name !== state;
  if (state === 'left') parts.left.focus(); // the frame that was in use has gone
  clearTimeout(patience);
  const event = { ready: 'frame_ready', left: 'logout', stalled: 'frame_stalled' }[state];
  if (event) document.dispatchEvent(new CustomEvent('happened', { detail: event }));
  if (state === 'loading') patience = setTimeout(() => show('stalled'), Number(cabinet.dataset.patience));
}

function open() {
  const { https, customer, domain } = cabinet.dataset;
  PPWidgets.init({
    https: https === 'true',
    customer,
    domain,
    url_auth: '/pp-auth/',
    isReady: () => show('ready'),
    afterLogout: () => show('left'),
  });
  PPWidgets.Cabinet(frame.id, { width: '100%' });
  resize();
}

// checkOrigin names the cabinet, since its pages are not at the address that the frame began
// with. A page in the frame that does not tell its height can be scrolled, as can any without the resizer.
function resize(onInit) {
  if (!window.iFrameResize || !frame.firstElementChild) return;
  iFrameResize({ checkOrigin: [cabinet.dataset.origin], scrolling: 'auto', warningTimeout: 0, onClose: () => false, onResized, ...(onInit && { onInit }) }, `#${frame.id} iframe`);
}

// A page that is as high as its frame and a margin (100vh), or some share more, grows whenever it is measured, for ever:
// by the same, or the same share more. Seen three times running it goes back to where it began, and can be scrolled.
let heights = [];
function onResized({ iframe, height }) {
  heights = [...heights.slice(-3), Number(height)];
  const [first] = heights;
  const [a, b, c] = heights.slice(1).map((h, i) => h - heights[i]);
  if (a > 0 && b > a - 2 && Math.abs(c * a - b * b) < 0.1 * b * b) iframe.style.maxHeight = `${first}px`;
}

// Another page in the frame, or another width, may need another height.
function unbound() {
  heights = [];
  for (const own of frame.querySelectorAll('iframe')) own.style.maxHeight = '';
}
let { innerWidth: width } = window;
addEventListener('resize', () => {
  if (innerWidth !== width) unbound();
  width = innerWidth;
});

// A cabinet says that it is there by the time its page has loaded. One that has loaded in silence is most often a
// page without its cookie, which the browser has dropped: the tab is offered, and taken back if it speaks after all.
frame.addEventListener('load', ({ target }) => {
  unbound();
  if (cabinet.dataset.state !== 'loading' || target.contentDocument) return; // a page of ours speaks for itself
  clearTimeout(patience);
  patience = setTimeout(() => show('stalled'), Number(cabinet.dataset.silence));
}, true);

// Our own page in the frame says that there is no cabinet to wait for, and that it is tried again.
window.addEventListener('message', (event) => {
  if (event.origin !== location.origin || event.source !== frame.querySelector('iframe')?.contentWindow || event.data?.source !== 'kabinet') return;
  if (event.data.event === 'failed') show('failed');
  if (event.data.event === 'retrying') show('loading');
});

for (const tab of cabinet.querySelectorAll('a[target=_blank]')) {
  tab.addEventListener('click', () => document.dispatchEvent(new CustomEvent('happened', { detail: 'tab_opened' })));
}

show('loading');
const widget = document.getElementById('pp-widgets');
if (widget) {
  widget.addEventListener('load', open);
  widget.addEventListener('error', () => show('stalled'));
  document.getElementById('iframe-resizer').addEventListener('load', () => resize());
} else if (window.iFrameResize) {
  const own = document.createElement('iframe');
  own.src = '/pp-auth/';
  own.title = cabinet.dataset.title;
  frame.append(own);
  // The cabinet has answered the resizer. That the frame has loaded says nothing: an error page loads too.
  resize(() => show('ready'));
} else {
  show('stalled');
}
