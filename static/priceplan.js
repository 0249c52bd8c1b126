// Opens PricePlan's cabinet as the vendor's guide says (section 3), and says what is the
// matter when it does not open. It stands before the vendor's scripts in the page, so it
// sees them load or fail.
const cabinet = document.getElementById('cabinet');
const parts = {
  loading: document.getElementById('cabinet-loading'),
  stalled: document.getElementById('cabinet-stalled'),
  left: document.getElementById('cabinet-left'),
};

// loading → ready | failed | stalled | blocked; ready → left. "failed" shows our own page in
// the frame, "blocked" has no frame because the vendor's script is missing.
function show(state) {
  cabinet.dataset.state = state;
  parts.loading.hidden = state !== 'loading';
  parts.stalled.hidden = state !== 'stalled' && state !== 'blocked';
  parts.left.hidden = state !== 'left';
}

function open() {
  const { https, customer, domain, origin } = cabinet.dataset;
  PPWidgets.init({
    https: https === 'true',
    customer,
    domain,
    url_auth: '/pp-auth/',
    isReady: () => show('ready'),
    afterLogout: () => show('left'),
  });
  PPWidgets.Cabinet('cabinet-frame', { width: '100%' });
  // A frame into which nothing has come stays hidden: a blank one explains nothing.
  document.querySelector('#cabinet-frame iframe').addEventListener('load', () => { cabinet.dataset.loaded = 'true'; });
  // Without the resizer the frame keeps its least height and scrolls. checkOrigin names the
  // cabinet, since its pages are not at the address that the frame began with.
  window.iFrameResize?.({ checkOrigin: [origin], warningTimeout: 0 }, '#cabinet-frame iframe');
}

// Our own page in the frame says that there is no cabinet to wait for.
window.addEventListener('message', (event) => {
  if (event.origin === location.origin && event.data?.source === 'kabinet' && event.data.event === 'failed') show('failed');
});

const script = document.getElementById('pp-widgets');
script.addEventListener('load', open);
script.addEventListener('error', () => show('blocked'));

setTimeout(() => {
  if (cabinet.dataset.state === 'loading') show(window.PPWidgets ? 'stalled' : 'blocked');
}, Number(cabinet.dataset.patience));
