// Drives Firefox for the tests beside it, by WebDriver BiDi. One line of JSON in is one thing to do, one line out is
// its answer: {id, value} or {id, error}. The process ends, and Firefox with it, when its standard input does.
import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';

const [executablePath, preferences] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: 'firefox', executablePath, headless: true, acceptInsecureCerts: true, defaultViewport: null,
  extraPrefsFirefox: JSON.parse(preferences),
});
const contexts = new Map();
const pages = new Map();
const consoles = new Map();

// follow gives a page a name, and keeps what is written to its console.
function follow(context, page) {
  const known = [...pages].find(([, one]) => one === page);
  if (known) return known[0];
  const name = `page ${pages.size + 1}`;
  pages.set(name, page);
  const lines = consoles.get(context);
  page.on('console', (message) => lines.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => lines.push(`error: ${error.message}`));
  return name;
}

const find = async ({ page, frame }) => {
  const top = pages.get(page);
  if (!frame) return top;
  const element = await top.$(frame);
  const inside = await element?.contentFrame();
  if (!inside) throw new Error(`there is no frame ${frame}`);
  return inside;
};

const element = async (order) => {
  const found = await (await find(order)).$(order.selector);
  if (!found) throw new Error(`there is no ${order.selector}`);
  return found;
};

// Firefox fails to open a window while another is being closed: one after the other then, and once more where it was
// a page that closed itself.
let turn = Promise.resolve();
const inTurn = (act) => (turn = turn.then(act, act));
const newPage = (context) => inTurn(() => contexts.get(context).newPage().catch(() => contexts.get(context).newPage()));

const orders = {
  async start({ context }) {
    contexts.set(context, await browser.createBrowserContext());
    consoles.set(context, []);
    return orders.open({ context });
  },
  end: ({ context }) => inTurn(() => contexts.get(context).close()),
  open: async ({ context }) => follow(context, await newPage(context)),
  front: ({ page }) => pages.get(page).bringToFront(),
  close: ({ page }) => inTurn(() => pages.get(page).close()),
  pages: async ({ context }) => (await contexts.get(context).pages()).map((page) => follow(context, page)),
  eval: async (order) => (await find(order)).evaluate(order.script),
  click: async (order) => (await element(order)).click(),
  type: async (order) => (await element(order)).type(order.text),
  size: ({ page, width, height }) => pages.get(page).setViewport({ width, height }),
  screenshot: ({ page }) => pages.get(page).screenshot({ encoding: 'base64' }),
  console: ({ context }) => consoles.get(context),
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  // Not awaited: the tests' pages do not wait for each other.
  Promise.resolve().then(() => orders[order.do](order))
    .then((value) => ({ id: order.id, value }), (error) => ({ id: order.id, error: error.message }))
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
}
await browser.close();
