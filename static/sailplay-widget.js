// Shows SailPlay's widget: its SDK is signed in with the customer's auth_hash, and says the points itself.
const widget = document.getElementById('widget');
if (window.SAILPLAY) {
  const { domain, partner, hash, text } = widget.dataset;
  SAILPLAY.on('init.success', () => SAILPLAY.send('login', hash));
  SAILPLAY.on('login.success', () => SAILPLAY.send('load.user.info'));
  SAILPLAY.on('load.user.info.success', (data) => {
    widget.textContent = `${text} ${data.user_points.total}`;
    widget.hidden = false;
  });
  SAILPLAY.send('init', { partner_id: partner, domain, lang: document.documentElement.lang });
}
