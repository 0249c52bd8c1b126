// The client cabinet: it shows the active deal and its widgets, and keeps the order of calls that the vendor
// guarantees. For each widget: the module is loaded once; initLead(token), whose cleanup runs before the next
// initLead; then, when there is an element to render into, registerWidgetsBarSlot(element) with its own cleanup.
// Where the vendor's page leaves something open it is said below and on the page of limits.
define(['require', 'store', 'amocrm-sdk', 'jquery', 'dateformat', 'fields'], (require, store, initAmocrmWidgetSdk, $, dateFormat, showField) => {
  const { texts, rejoins } = JSON.parse(document.getElementById('cabinet-data').textContent);
  const { GLOBAL_CLASS_NAMES, LEAD_FIELD_SOURCES } = initAmocrmWidgetSdk({ version: '1.0.0' }).constants;
  const POLL = 1500; // milliseconds between two looks whether something has changed
  const byId = (id) => document.getElementById(id);

  let opening = 0; // counts deals: what belongs to an earlier one is dropped
  let showing = 0; // counts sets of widgets, in the same way
  let opened = ''; // the active deal
  let asking = new AbortController(); // for the active deal
  let widgets = []; // of the active deal
  let open = false; // the accordion
  let onlyDeveloped = false; // addWidget was called: only its widget shows until the page is reloaded
  const begun = new Map(); // by script: initLead that was called last, until it and its cleanup, if it was left, are over
  const slots = new Map(); // by script, where rejoins is off: they survive a change of deal

  const currentLead = () => location.pathname.split('/').pop();

  function make(name, properties = {}, ...children) {
    const node = document.createElement(name);
    Object.assign(node, properties);
    node.append(...children);
    return node;
  }

  // call runs a callback of a widget; what it throws harms nobody else.
  function call(what, run) {
    try {
      return run();
    } catch (error) {
      console.error(`${what}:`, error);
      return undefined;
    }
  }

  function trouble(text) {
    byId('trouble').hidden = !text;
    byId('trouble').textContent = text || '';
  }

  async function ask(path) {
    const response = await fetch(path, { headers: { Accept: 'application/json' }, signal: asking.signal });
    if (response.status === 401) {
      location.assign('/');
    }
    if (!response.ok) {
      throw new Error(`${path}: ${response.status}`);
    }
    return response.json();
  }

  // take makes what the server has said what the SDK gives, and tells whether anything is different.
  function take(answer) {
    return ['sys', 'leadFields', 'authors', 'lead'].map((name) => store.set(name, answer[name])).includes(true);
  }

  function closeSlot(widget) {
    if (widget.closeSlot) {
      call('registerWidgetsBarSlot destroyed', widget.closeSlot);
    }
    widget.closeSlot = undefined;
    widget.element = undefined;
  }

  // leaveLead runs the cleanup of initLead, or has it run as soon as initLead is over.
  function leaveLead(widget) {
    widget.left = true;
    if (widget.leave) {
      call('initLead destroyed', widget.leave);
    }
    widget.leave = undefined;
  }

  async function initLead(widget) {
    const leave = await widget.module.initLead({ token: widget.token });
    widget.leave = typeof leave === 'function' ? leave : undefined;
    if (widget.left) {
      leaveLead(widget);
    }
  }

  // leaveDeal is called before another deal becomes active, or another set of widgets.
  function leaveDeal(keepSlots) {
    for (const widget of widgets) {
      if (keepSlots && widget.element) {
        slots.set(widget.script, widget);
      } else {
        closeSlot(widget);
      }
      leaveLead(widget);
    }
    widgets = [];
    if (!keepSlots) {
      slots.forEach(closeSlot);
      slots.clear();
    }
    if (byId('widgets')) {
      byId('widgets').replaceChildren();
    }
  }

  function load(script) {
    return new Promise((resolve, reject) => {
      require([script], resolve, (error) => {
        requirejs.undef(script); // so that it can be tried again
        reject(error);
      });
    });
  }

  async function startWidget(widget, mine) {
    let module;
    try {
      module = await load(widget.script);
    } catch (error) {
      console.error(`the widget ${widget.name} cannot be loaded:`, error);
    }
    await begun.get(widget.script);
    if (mine !== showing) {
      return;
    }
    const complete = module && typeof module.initLead === 'function' && typeof module.registerWidgetsBarSlot === 'function';
    if (!complete) {
      widget.state = 'failed';
    } else {
      widget.module = module;
      const running = initLead(widget);
      begun.set(widget.script, running.catch(() => {}));
      try {
        await running;
        widget.state = 'ready';
      } catch (error) {
        console.error('initLead:', error);
        widget.state = 'failed';
        widget.error = error && error.message || String(error);
      }
    }
    if (mine !== showing) {
      return;
    }
    const before = slots.get(widget.script);
    if (before && widget.state === 'ready') { // the slot has survived: it is not registered again
      slots.delete(widget.script);
      Object.assign(widget, { element: before.element, closeSlot: before.closeSlot });
    }
    drawWidgets();
  }

  async function openDeal() {
    const mine = ++opening;
    const set = ++showing;
    const id = currentLead();
    opened = id;
    asking.abort();
    asking = new AbortController();
    leaveDeal(!rejoins);
    // Until the deal has loaded only its id is known: getState gives null for the rest.
    store.set('lead', { id, pid: '', isLeadLoaded: false, fieldIds: [], statuses: [], managerId: '', contacts: {}, company: null });
    for (const name of ['leadFields', 'authors']) {
      store.set(name, null);
    }
    byId('cabinet').dataset.state = 'loading';
    markDeal(id);
    let answer;
    try {
      answer = await ask(`/api/leads/${id}`);
    } catch (error) {
      if (mine === opening) {
        fail();
      }
      return;
    }
    if (mine !== opening) {
      return;
    }
    trouble('');
    take(answer);
    draw();
    byId('cabinet').dataset.state = 'ready';
    if (set !== showing) {
      return; // addWidget was called meanwhile
    }
    startAll(onlyDeveloped ? [] : answer.widgets || [], set);
    for (const [script, widget] of slots) { // of widgets that this deal does not have
      if (!widgets.some((one) => one.script === script)) {
        slots.delete(script);
        closeSlot(widget);
      }
    }
  }

  // fail leaves nothing of the deal before on the page.
  function fail() {
    trouble(texts.unreachable);
    byId('cabinet').dataset.state = 'failed';
    $('#sidebar').children().not('#widgets-bar').remove();
    byId('main').replaceChildren();
    drawWidgets();
  }

  function startAll(described, mine) {
    widgets = described.map((one) => ({ ...one, state: 'loading' }));
    drawWidgets();
    for (const widget of widgets) {
      startWidget(widget, mine);
    }
  }

  function markDeal(id) {
    document.querySelector('.languages [name=next]').value = location.pathname;
    for (const link of document.querySelectorAll('#deals a')) {
      if (link.dataset.deal === id) {
        link.setAttribute('aria-current', 'page');
      } else {
        link.removeAttribute('aria-current');
      }
    }
  }

  function list(heading, rows, id) {
    const shown = rows.map(([name, value]) => [make('dt', { textContent: name }), make('dd', { textContent: value })]).flat();
    return make('section', { id }, make('h2', { textContent: heading }), make('dl', { className: 'costs' }, ...shown));
  }

  function fieldRows(ids) {
    const fields = store.get('leadFields');
    const sys = store.get('sys');
    return ids.map((id) => fields[id]).filter(Boolean).map((field) => [field.name, showField(field, sys, texts)]);
  }

  function people(lead, authors) {
    return Object.values(lead.contacts).map((contact) => {
      const person = authors[contact.userId];
      return list(person ? person.name : contact.id, fieldRows(contact.fieldIds), `contact-${contact.id}`);
    });
  }

  function draw() {
    const sys = store.get('sys');
    const lead = store.get('lead');
    const authors = store.get('authors');
    if (!lead || !lead.isLeadLoaded) {
      return;
    }
    document.title = sys.pageTitle;
    byId('page-title').textContent = sys.pageTitle;
    byId('logo').hidden = !sys.logoUrl;
    if (sys.logoUrl) {
      byId('logo').src = sys.logoUrl;
    }
    const link = document.querySelector(`#deals a[data-deal="${lead.id}"]`);
    const sidebar = [
      list(link ? link.textContent : lead.id, fieldRows(lead.fieldIds), 'lead-fields'),
      make('h2', { textContent: texts.contacts }), ...people(lead, authors),
    ];
    if (lead.company) {
      sidebar.push(list(`${texts.company}: ${lead.company.name}`, fieldRows(lead.company.fieldIds), LEAD_FIELD_SOURCES.company));
    }
    $('#sidebar').children().not('#widgets-bar').remove();
    byId('widgets-bar').before(...sidebar);
    drawMain(sys, lead, authors);
  }

  function drawMain(sys, lead, authors) {
    const steps = lead.statuses.map((status) => {
      const step = make('li', { textContent: status.name });
      step.style.borderColor = status.color;
      if (status.selected) {
        step.setAttribute('aria-current', 'step');
      }
      return step;
    });
    const roles = Object.values(authors).map((author) => [author.name, author.isBot ? texts.bot : author.isClient ? texts.client : author.id === lead.managerId ? texts.manager : '']);
    byId('main').replaceChildren(
      make('h2', { textContent: texts.status }), make('ol', { className: 'steps' }, ...steps), list(texts.authors, roles, 'authors'),
      make('p', { className: 'hint', id: 'removal', textContent: sys.isRemovalAvailable ? texts.removal : texts.removal_no }),
    );
  }

  // drawWidgets shows the button only where there is a widget; while the accordion is closed no slot exists.
  function drawWidgets() {
    const bar = byId('widgets-bar');
    const hasAny = widgets.length > 0;
    if (!hasAny) {
      bar.replaceChildren();
      return;
    }
    let button = byId('widgets-button');
    if (!button) {
      button = make('button', { id: 'widgets-button', type: 'button', className: 'button quiet', textContent: texts.widgets, onclick: toggle });
      button.setAttribute('aria-controls', 'widgets');
      bar.replaceChildren(button, make('div', { id: 'widgets' }));
    }
    button.setAttribute('aria-expanded', String(open));
    byId('widgets').hidden = !open;
    if (!open) {
      widgets.forEach(closeSlot);
      byId('widgets').replaceChildren();
      return;
    }
    showSlots();
  }

  function showSlots() {
    const items = widgets.map((widget) => {
      const item = make('section', { className: 'widget' }, make('h3', { textContent: widget.name }));
      if (widget.state === 'failed') {
        item.append(make('p', { className: 'wrong', textContent: widget.error ? `${texts.threw} ${widget.error}` : texts.failed }));
      }
      if (widget.state === 'loading') {
        item.append(make('p', { className: 'hint', textContent: texts.starting }));
      }
      if (widget.state === 'ready') {
        const fresh = !widget.element;
        widget.element = widget.element || make('div', { className: GLOBAL_CLASS_NAMES.widgetBarItemContainer });
        item.append(widget.element);
        widget.join = fresh;
      }
      return item;
    });
    byId('widgets').replaceChildren(...items);
    for (const widget of widgets.filter((one) => one.join)) { // once the element is on the page
      widget.join = false;
      const close = call('registerWidgetsBarSlot', () => widget.module.registerWidgetsBarSlot(widget.element));
      widget.closeSlot = typeof close === 'function' ? close : undefined;
    }
  }

  function toggle() {
    open = !open;
    drawWidgets();
  }

  // poll looks whether the staff has changed something.
  async function poll() {
    const mine = opening;
    if (!document.hidden && byId('cabinet').dataset.state === 'ready') {
      try {
        const answer = await ask(`/api/leads/${currentLead()}/changes`);
        if (mine === opening && take(answer)) {
          draw();
        }
      } catch (error) {
        console.debug('no news:', error); // the next look may succeed
      }
    }
    setTimeout(poll, POLL);
  }

  function go(event) {
    const link = event.target.closest('#deals a');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    if (link.dataset.deal !== opened) {
      history.pushState(null, '', link.getAttribute('href'));
      openDeal();
    } else if (byId('cabinet').dataset.state === 'failed') {
      openDeal();
    }
  }

  // goBack is also called for a mere fragment, with which the deal is the same.
  function goBack() {
    if (currentLead() !== opened) {
      openDeal();
    }
  }

  // leavePage also comes before the customer is signed out.
  function leavePage() {
    opening += 1;
    showing += 1;
    leaveDeal(false);
  }

  // The vendor's aid for developers: only this widget is shown until the page is reloaded, and another deal
  // takes it away too.
  function addWidget({ script, token }) {
    if (typeof script !== 'string' || !script) {
      throw new Error('addWidget: script is the address of a script');
    }
    onlyDeveloped = true;
    const mine = ++showing;
    leaveDeal(false);
    requirejs.undef(script);
    open = true;
    startAll([{ name: script, script, token: token || '' }], mine);
  }

  return {
    start() {
      window.AMOCRM = { developer: { addWidget } };
      byId('deals').addEventListener('click', go);
      window.addEventListener('popstate', goBack);
      window.addEventListener('pagehide', leavePage);
      window.addEventListener('pageshow', (event) => event.persisted && openDeal());
      openDeal();
      setTimeout(poll, POLL);
    },
  };
});
