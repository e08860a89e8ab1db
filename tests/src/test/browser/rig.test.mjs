// The rig itself: it must see what is wrong with a page, or no other test here means anything.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { assertAccessible, assertNoFaults, assertNoSidewaysScroll, open, phone } from './rig.mjs';

const PAGES = {
  '/good': '<h1>Good</h1>',
  '/refused': '<h1>Refused</h1><script>document.title = "ran"</script>',
  '/throws': '<h1>Throws</h1><script src="/throws.js"></script>',
  '/pale': '<h1>Pale</h1><p class="pale">can\'t be read</p>',
  '/wide': '<h1>Wide</h1><div class="wide">wide</div>',
};
const CSS = '.pale { color: #ddd; background: #fff } .wide { width: 2000px }';

const server = createServer((request, response) => {
  if (request.url === '/throws.js') {
    response.setHeader('content-type', 'text/javascript').end('throw new Error("on purpose")');
  } else if (request.url === '/page.css') {
    response.setHeader('content-type', 'text/css').end(CSS);
  } else {
    response.setHeader('content-security-policy', "default-src 'self'").setHeader('content-type', 'text/html');
    response.end('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
      + `<title>Rig</title><link rel="stylesheet" href="/page.css"></head><body><main>${PAGES[request.url]}</main></body></html>`);
  }
});
let at;
before(() => new Promise((ready) => server.listen(0, '127.0.0.1', () => {
  at = `http://127.0.0.1:${server.address().port}`;
  ready();
})));
after(() => server.close());

async function visit(path, check) {
  const context = await phone();
  try {
    await check(await open(context, at + path));
  } finally {
    await context.close();
  }
}

test('a good page passes', () => visit('/good', async (page) => {
  assertNoFaults(page);
  await assertAccessible(page);
  await assertNoSidewaysScroll(page);
}));

test('what the CSP refuses is a fault', () => visit('/refused', async (page) => {
  assert.throws(() => assertNoFaults(page), /Content Security Policy|CSP/);
  assert.equal(await page.title(), 'Rig');
}));

test('an error of a script is a fault', () => visit('/throws', async (page) => {
  assert.throws(() => assertNoFaults(page), /on purpose/);
}));

test('pale text is not accessible', () => visit('/pale', async (page) => {
  await assert.rejects(assertAccessible(page), /color-contrast/);
}));

test('a wide page scrolls sideways', () => visit('/wide', async (page) => {
  await assert.rejects(assertNoSidewaysScroll(page), /2000 px|content in/);
}));
