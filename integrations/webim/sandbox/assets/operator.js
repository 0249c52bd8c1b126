// The operator's console.
import { call, listen, pause } from './live.js';
import { Conversation } from './conversation.js';

const byId = (id) => document.getElementById(id);
const texts = byId('console').dataset;
const visitors = new Map(); // by id
let chosen = ''; // an id
let connection;
const place = { last: '' };

// A tab remembers what it could not send.
const memory = {
  get() { try { return JSON.parse(sessionStorage.getItem('operator')) ?? []; } catch { return []; } },
  set(waiting) { try { sessionStorage.setItem('operator', JSON.stringify(waiting)); } catch { /* a browser that keeps nothing */ } },
};

const post = (path, body, to = chosen) => call(`/operator/visitors/${to}/${path}`, body);
const unsent = memory.get();
const conversation = new Conversation('operator', { post, keep: (waiting) => memory.set(waiting) });
conversation.send(unsent);
const nameOf = (v) => v.name || `${texts.anonymous} ${v.number}`;

// connect follows everybody, and what is said in the chosen one's chat.
function connect() {
  connection?.abort();
  connection = new AbortController();
  listen(`/operator/events?visitor=${chosen}`, {
    signal: connection.signal, place,
    onConnection: (is) => conversation.showConnection(is),
    onEvent(name, data) {
      if (name === 'reset') {
        visitors.clear();
        if (chosen && !chosen.startsWith(data.epoch)) choose('');
      }
      if (name === 'conversation') conversation.show();
      if (name === 'visitor') visitors.set(data.id, data);
      if (name === 'message') conversation.add(data);
      refresh();
    },
  });
}
connect();

// refresh shows once what many events have changed.
let due = false;
function refresh() {
  if (due) return;
  due = true;
  setTimeout(() => {
    due = false;
    list();
    show();
  });
}

// list shows those who are there or have said something; buttons stay, so that the focus does.
function list() {
  const shown = [...visitors.values()].filter((v) => v.connected || v.started).sort((a, b) => b.last - a.last || b.number - a.number);
  const items = new Map([...byId('visitors').children].map((item) => [item.dataset.id, item]));
  byId('nobody').hidden = shown.length > 0;
  let place = byId('visitors').firstElementChild;
  for (const v of shown) {
    const item = items.get(v.id) ?? newItem(v.id);
    items.delete(v.id);
    fill(item.firstElementChild, v);
    if (item === place) place = place.nextElementSibling;
    else byId('visitors').insertBefore(item, place);
  }
  for (const item of items.values()) item.remove();
}

function newItem(id) {
  const item = document.createElement('li');
  item.dataset.id = id;
  const button = document.createElement('button');
  button.type = 'button';
  button.append(document.createElement('strong'), document.createElement('span'));
  button.addEventListener('click', () => choose(id));
  item.append(button);
  return item;
}

function fill(button, v) {
  const [name, about] = button.children;
  name.textContent = nameOf(v);
  about.textContent = (v.connected ? texts.connected : texts.away) + (v.unread ? ` · ${texts.unread} ${v.unread}` : '');
  button.classList.toggle('proven', v.proven);
  button.classList.toggle('unread', v.unread > 0);
  button.setAttribute('aria-pressed', v.id === chosen);
}

// choose looks at somebody, or with no id at nobody.
function choose(id) {
  if (id !== chosen) {
    chosen = id;
    conversation.show(id);
    connect();
  }
  list();
  show();
  if (id) byId('chosen-title').focus();
}

function show() {
  const v = visitors.get(chosen);
  byId('chosen').hidden = !v;
  if (!v) return;
  byId('chosen-title').textContent = nameOf(v);
  byId('verdict').textContent = v.verdict;
  byId('verdict').classList.toggle('right', v.proven);
  byId('version').textContent = v.version || '—';
  byId('algorithm').textContent = v.algorithm || '—';
  byId('start').textContent = v.start ? `${v.start.title} ${v.start.url}` : '—';
  const title = byId('fields-title');
  title.hidden = !v.fields;
  title.textContent = v.proven ? title.dataset.proven : title.dataset.claimed;
  byId('fields').replaceChildren(...(v.fields ?? []).flatMap((f) => [element('dt', f.name), element('dd', f.value)]));
  byId('take').hidden = !v.open || v.assigned;
  byId('close').hidden = !v.open;
  conversation.setSeen(v.seen);
  conversation.showTyping(v.typing);
  countDown();
  read();
}

function element(name, text) {
  const e = document.createElement(name);
  e.textContent = text;
  return e;
}

// read says what the operator has seen.
let saying = 0;
function read() {
  const v = visitors.get(chosen);
  if (!v?.unread || document.hidden || conversation.last < v.last || saying >= v.last) return;
  saying = v.last;
  post('read', { id: saying }).catch(async () => {
    await pause(3);
    saying = 0;
    read();
  });
}
document.addEventListener('visibilitychange', read);

// countDown shows how long the signature still holds.
function countDown() {
  const v = visitors.get(chosen);
  if (!v) return;
  const left = v.expires - Math.floor(Date.now() / 1000);
  let text = '—';
  if (v.version) text = texts.never;
  if (v.expires) text = left > 0 ? `${texts.left} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` : texts.over;
  if (byId('expires').textContent !== text) byId('expires').textContent = text;
}
setInterval(countDown, 1_000);

for (const action of ['take', 'close']) byId(action).addEventListener('click', () => post(action, {}).catch(() => {}));
