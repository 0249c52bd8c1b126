// A little of SailPlay's HUB SDK, as far as the portal's widget needs it: the vendor's own carries no
// licence, and where it is served is not documented. The events and calls are those of the published package.
(() => {
  'use strict';
  const handlers = {};
  let config;
  let domain;
  let hash = '';

  function jsonp(path, parameters, done) {
    const name = `sailplay_${Date.now()}${Math.random().toString().slice(2)}`;
    const script = document.createElement('script');
    window.JSONP_CALLBACK ??= {};
    window.JSONP_CALLBACK[name] = (data) => {
      delete window.JSONP_CALLBACK[name];
      script.remove();
      done(data);
    };
    const address = new URL(path, domain);
    Object.entries({ ...parameters, callback: `JSONP_CALLBACK.${name}` }).forEach(([key, value]) => address.searchParams.set(key, value));
    script.src = address;
    document.head.append(script);
  }

  const send = (event, data) => (handlers[event] ?? []).forEach((handler) => handler(data));
  const on = (event, handler) => (handlers[event] ??= []).push(handler);

  on('init', (options) => {
    domain = options.domain;
    jsonp(`/js-api/${options.partner_id}/config/`, { lang: options.lang ?? 'ru', dep_id: options.dep_id ?? '' }, (answer) => {
      config = answer.config;
      send(answer.status === 'ok' ? 'init.success' : 'init.error', config ?? answer);
    });
  });
  on('login', (value) => {
    jsonp(config.urls.users.info, { auth_hash: value }, (answer) => {
      hash = answer.status === 'ok' ? value : '';
      send(hash ? 'login.success' : 'login.error', hash ? answer.user : answer);
    });
  });
  on('load.user.info', () => {
    jsonp(config.urls.users.info, { auth_hash: hash }, (answer) => send(answer.status === 'ok' ? 'load.user.info.success' : 'load.user.info.error', answer));
  });

  window.SAILPLAY = { send, on };
})();
