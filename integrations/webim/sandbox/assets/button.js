// Webim's script for a site, as the sandbox has it: window.webim gets api.chat.start() and
// api.onProvidedVisitorChanged(), and calls what the page has put into webim.handlers. The chat is in a
// frame of the account's host, which gets webim_visitor by a message: the page cannot read the chat.
(() => {
  'use strict';
  const account = new URL(document.currentScript.src).origin;
  const settings = window.webim ?? {};
  const words = document.documentElement.lang === 'en'
    ? { title: 'Chat with an operator', open: 'Chat', unread: 'new messages:' }
    : { title: 'Чат с оператором', open: 'Чат', unread: 'новых сообщений:' };
  let frame;
  let ready = false;
  let opener;

  const visitor = () => window.webim_visitor ?? null;
  const handle = (name, ...values) => {
    const handler = window.webim.handlers?.[name];
    if (typeof handler === 'function') handler(...values);
  };

  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.id = 'webim-launcher';
  launcher.textContent = words.open;
  Object.assign(launcher.style, {
    position: 'fixed', right: '16px', bottom: '16px', zIndex: 2147483000, minHeight: '48px', padding: '0 20px', border: '0',
    borderRadius: '24px', background: '#0b5394', color: '#fff', font: '600 16px/1.5 system-ui, sans-serif', cursor: 'pointer', boxShadow: '0 2px 8px #0006',
  });
  launcher.addEventListener('click', () => api.chat.start());
  document.body.append(launcher);

  function makeFrame() {
    frame = document.createElement('iframe');
    const address = new URL('/webim/client.php', account);
    address.searchParams.set('framed', '');
    address.searchParams.set('lang', document.documentElement.lang);
    if (settings.location) address.searchParams.set('location', settings.location);
    frame.src = address;
    frame.title = words.title;
    frame.id = 'webim-window';
    Object.assign(frame.style, {
      position: 'fixed', right: '16px', bottom: '16px', zIndex: 2147483001, width: 'min(380px, calc(100vw - 32px))', height: 'min(600px, calc(100dvh - 96px))',
      border: '1px solid #8886', borderRadius: '12px', boxShadow: '0 4px 24px #0006', background: 'Canvas',
    });
    document.body.append(frame);
  }

  const say = (message) => { if (ready) frame.contentWindow.postMessage({ source: 'webim-page', ...message }, account); };
  const isShown = () => Boolean(frame) && !frame.hidden;
  // A page that opens the chat by itself, as it is read, leaves the focus where it is.
  let byPerson = false;
  const sayShown = () => say({ event: 'shown', shown: isShown(), focus: byPerson });

  function setShown(is) {
    frame.hidden = !is;
    frame.style.display = is ? 'block' : 'none';
    launcher.style.display = is ? 'none' : 'block';
    sayShown();
  }

  addEventListener('message', (event) => {
    if (event.origin !== account || event.source !== frame?.contentWindow || event.data?.source !== 'webim') return;
    if (event.data.event === 'ready') {
      ready = true;
      say({ event: 'visitor', visitor: visitor(), page: { title: document.title, url: location.origin + location.pathname } });
      sayShown();
      handle('onReady');
    }
    if (event.data.event === 'hide') {
      setShown(false);
      (opener?.isConnected ? opener : launcher).focus();
    }
    if (event.data.event === 'unread') {
      const { unread } = event.data;
      launcher.textContent = unread ? `${words.open} (${unread})` : words.open;
      launcher.setAttribute('aria-label', unread ? `${words.open}, ${words.unread} ${unread}` : words.open);
      handle('onUnreadChanged', unread);
    }
  });

  const api = {
    chat: {
      start() {
        opener = document.activeElement === document.body ? launcher : document.activeElement;
        byPerson = navigator.userActivation.isActive;
        if (!frame) makeFrame();
        setShown(true);
        handle('onChatStart');
      },
    },
    // The page has another webim_visitor now; null is nobody.
    onProvidedVisitorChanged() {
      if (frame) say({ event: 'visitor', visitor: visitor() });
    },
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('a.webim_button');
    if (!button) return;
    event.preventDefault();
    api.chat.start();
  });

  window.webim = Object.assign(settings, { api });
  handle('onApiReady', api);
})();
