// The portal's widget in amoCRM's client cabinet. It shows what the portal says of the deal that the
// token is bound to, and nothing that is read here decides about that: see /amocrm/card of the portal.
define(['amocrm-sdk', 'dateformat'], function (initAmocrmWidgetSdk, dateFormat) {
  const PORTAL = "$PORTAL";
  const TEXTS = "$TEXTS";
  const PATIENCE = 10000; // milliseconds that the portal has for an answer

  const sdk = initAmocrmWidgetSdk({ version: '1.0.0' });
  const ENTITIES = sdk.constants.PUBLIC_STATE_ENTITIES;

  // The active deal, what the portal has said of it, and what is being typed; null between two deals.
  let deal = null;
  // The element to render into, a lasting child of the cabinet's; null while the cabinet shows none.
  let slot = null;

  // The account's settings and the deal; either may not be there yet.
  function settings() {
    return sdk.methods.getState(ENTITIES.sys) || { lang: 'ru', dateFormat: 'dd.mm.yyyy', timeFormat: 'HH:MM' };
  }

  function text(key, values) {
    const texts = TEXTS[settings().lang] || TEXTS.ru;
    return Object.entries(values || {}).reduce(function (all, value) {
      return all.replace('{' + value[0] + '}', value[1]);
    }, texts[key]);
  }

  function moment(at) {
    const formats = settings();
    return dateFormat(new Date(at), formats.dateFormat + ' ' + formats.timeFormat);
  }

  // request resolves to the status, 0 where there is no answer, and the body.
  function request(asking, method, path, body) {
    const timer = setTimeout(function () { asking.abort.abort(); }, PATIENCE);
    const options = {
      method: method,
      headers: { 'X-Auth-Token': asking.token },
      credentials: 'omit',
      cache: 'no-store',
      signal: asking.abort.signal,
    };
    if (body) {
      options.headers['Content-Type'] = 'application/json';
      options.body = JSON.stringify(body);
    }
    return fetch(PORTAL + path, options)
      .then(function (response) {
        return response.json().then(function (answer) {
          return { status: response.status, body: answer };
        });
      })
      .catch(function () { return { status: 0, body: {} }; })
      .finally(function () { clearTimeout(timer); });
  }

  // ask sends one request for the active deal. An answer that comes when another deal is active is dropped.
  function ask(method, path, body) {
    const asked = deal;
    if (asked.busy) {
      return;
    }
    Object.assign(asked, { busy: true, trouble: '', wrong: '', abort: new AbortController() });
    draw();
    request(asked, method, path, body).then(function (answer) {
      if (asked !== deal) {
        return;
      }
      asked.busy = false;
      take(answer, method);
      draw();
    });
  }

  const TROUBLES = { 401: 'refused', 429: 'too_often' };
  const WRONGS = { 409: 'taken', 422: 'wrong_code', 429: 'too_often' };

  function take(answer, method) {
    if (answer.status === 200) {
      Object.assign(deal, { card: answer.body, code: '' });
    } else if (method === 'POST' && WRONGS[answer.status]) {
      deal.wrong = WRONGS[answer.status];
    } else {
      deal.trouble = TROUBLES[answer.status] || 'unreachable';
    }
  }

  function load() {
    ask('GET', '/amocrm/card');
  }

  function link(event) {
    event.preventDefault();
    if (deal.code.trim()) {
      ask('POST', '/amocrm/links', { code: deal.code });
    }
  }

  function element(name, properties, children) {
    const node = document.createElement(name);
    const style = properties.style || {};
    delete properties.style;
    Object.assign(node, properties);
    Object.assign(node.style, style);
    node.append.apply(node, children || []);
    return node;
  }

  function paragraph(content, properties) {
    return element('p', Object.assign({ textContent: content, style: { margin: '0 0 8px' } }, properties));
  }

  // A busy button can be pressed without effect, see ask: a disabled one would lose the focus.
  function button(content, properties) {
    const node = element('button', Object.assign({ type: 'button', textContent: content }, properties));
    node.setAttribute('aria-disabled', String(deal.busy));
    return node;
  }

  // A new tab of the portal needs no answer of anybody: it opens at the press itself.
  function portalLink(content, path) {
    const anchor = element('a', { href: PORTAL + path, target: '_blank', rel: 'noopener', textContent: content });
    return element('p', { className: 'kabinet-portal', style: { margin: '0 0 8px' } }, [anchor]);
  }

  function dealName() {
    const lead = sdk.methods.getState(ENTITIES.lead);
    const status = lead && (lead.statuses || []).find(function (one) { return one.selected; });
    if (!lead) {
      return text('deal_unknown');
    }
    return text('deal', { id: lead.id }) + (status ? ' · ' + status.name : '');
  }

  function codeForm() {
    const wrong = paragraph(deal.wrong && text(deal.wrong), { className: 'kabinet-wrong' });
    wrong.setAttribute('role', 'alert');
    const input = element('input', {
      type: 'text', name: 'code', value: deal.code, maxLength: 20, autocomplete: 'off', spellcheck: false,
      style: { display: 'block', width: '100%', maxWidth: '16em', margin: '4px 0 8px' },
      oninput: function (event) { deal.code = event.target.value; },
    });
    const label = element('label', { style: { display: 'block' } }, [text('code'), input]);
    const send = button(text('link'), { type: 'submit' });
    return element('form', { className: 'kabinet-form', onsubmit: link, noValidate: true }, [label, wrong, send]);
  }

  function unlinked() {
    return [paragraph(text('about')), codeForm(), portalLink(text('get_code'), '/profile#amocrm')];
  }

  function services(card) {
    return element('ul', { style: { margin: '0 0 8px', paddingLeft: '20px' } }, card.services.map(function (service) {
      return element('li', { textContent: service.name + ' — ' + text(service.connected ? 'connected' : 'not_connected') });
    }));
  }

  function linked(card) {
    const parts = [element('p', { className: 'kabinet-name', style: { margin: '0 0 8px', fontWeight: '600' }, textContent: card.name })];
    if (card.services && card.services.length) {
      parts.push(services(card));
    }
    if (card.points !== undefined) {
      parts.push(paragraph(text('points', { points: card.points }), { className: 'kabinet-points' }));
    }
    parts.push(paragraph(text('since', { at: moment(card.linked_at) })));
    parts.push(portalLink(text('open'), '/dashboard'));
    parts.push(button(text('refresh'), { onclick: load }));
    return parts;
  }

  function content() {
    if (deal.trouble) {
      return [paragraph(text(deal.trouble), { className: 'kabinet-trouble' }), button(text('again'), { onclick: load }), portalLink(text('open'), '/dashboard')];
    }
    if (!deal.card) {
      return [paragraph(text('loading')), portalLink(text('open'), '/dashboard')];
    }
    return deal.card.linked ? linked(deal.card) : unlinked();
  }

  function draw() {
    if (!slot) {
      return;
    }
    if (!deal) {
      slot.replaceChildren();
      return;
    }
    const before = slot.contains(document.activeElement) ? document.activeElement : null;
    const caret = before && before.name === 'code' ? [before.selectionStart, before.selectionEnd] : null;
    slot.setAttribute('aria-busy', String(deal.busy));
    slot.replaceChildren.apply(slot, [paragraph(dealName(), { className: 'kabinet-deal' })].concat(content()));
    if (before) {
      focus(before, caret);
    }
  }

  // focus gives whoever was typing or pressing their place back, or what has come in its stead.
  function focus(before, caret) {
    const input = slot.querySelector('input[name=code]');
    if (caret && input) {
      input.focus();
      input.setSelectionRange(caret[0], caret[1]);
      return;
    }
    const same = Array.from(slot.querySelectorAll('button, a')).find(function (one) { return one.textContent === before.textContent; });
    (same || slot).focus();
  }

  return {
    initLead: function (params) {
      const mine = { token: params.token, card: null, code: '', trouble: '', wrong: '', busy: false, abort: null };
      deal = mine;
      const unsubscribe = [ENTITIES.sys, ENTITIES.lead].map(function (entity) { return sdk.methods.subscribe(entity, draw); });
      load();
      return function () {
        unsubscribe.forEach(function (stop) { stop(); });
        if (mine.abort) {
          mine.abort.abort();
        }
        if (deal === mine) {
          deal = null;
        }
        draw();
      };
    },
    registerWidgetsBarSlot: function (el) {
      const mine = element('div', { className: 'kabinet', tabIndex: -1, style: { lineHeight: '1.5' } });
      mine.setAttribute('aria-live', 'polite');
      el.append(mine);
      slot = mine;
      draw();
      return function () {
        mine.remove();
        if (slot === mine) {
          slot = null;
        }
      };
    },
  };
});
