// One Chromium for the tests of a file, phones in it, and what every page is held against: no fault in its console, axe, no
// sideways scrolling. Settings come as environment variables from BrowserSuite: CHROMIUM, SCREENSHOTS and the suite's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

export const env = (name) => process.env[name] ?? assert.fail(`${name} is not set`);

// As root there is no sandbox to be had; the rest keeps Chromium from calling home, which a closed network answers slowly.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-default-apps', '--disable-domain-reliability'];

export const browser = await chromium.launch({ executablePath: env('CHROMIUM'), headless: true, args: FLAGS });
after(() => browser.close());

/** A browser profile like a small phone's; `options` are those of a Playwright context. */
export async function phone(options = {}) {
  return profile({ viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, ...options });
}

/** A browser profile like an office computer's. */
export async function desk(options = {}) {
  return profile({ viewport: { width: 1280, height: 800 }, ...options });
}

async function profile(options) {
  const context = await browser.newContext({ locale: 'en', ...options });
  context.setDefaultTimeout(20_000);
  return context;
}

/** A page whose faults are kept: errors, what the CSP refused, what the console calls an error. */
export async function open(context, url) {
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/^Failed to load resource/.test(message.text())) {
      page.faults.push(`console: ${message.text()}`);
    }
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => console.error(`refused by CSP: ${e.violatedDirective} ${e.blockedURI}`));
  });
  if (url) {
    await page.goto(url);
  }
  return page;
}

export function assertNoFaults(page, allowed = /^$/) {
  assert.deepEqual(page.faults.filter((fault) => !allowed.test(fault)), []);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 A and AA as far as a program can see it; or only some of its rules. */
export async function assertAccessible(page, where = '', rules = undefined) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(AXE);
  }
  const found = await page.evaluate(async (rules) => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, { runOnly: rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags } });
    return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 200) + ' ' + n.failureSummary).join(' | ')}`);
  }, rules);
  assert.deepEqual(found, [], where);
}

export async function assertNoSidewaysScroll(page) {
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth }));
  assert.ok(wide <= room, `${wide} px of content in ${room} px`);
}

/** Into tests/target/screenshots, to be looked at. */
export async function picture(page, name, options = {}) {
  return page.screenshot({ path: join(env('SCREENSHOTS'), `${name}.png`), animations: 'disabled', ...options });
}

/** Waits until `holds` gives something true, and gives it back. */
export async function until(holds, what = String(holds), boundMs = 20_000) {
  const end = Date.now() + boundMs;
  for (;;) {
    const value = await holds();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `not within ${boundMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
