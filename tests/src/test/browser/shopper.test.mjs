// The shopper's page in a real browser at a real shop. States that are hard to come by are told by a socket of the test.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { assertAccessible, assertNoFaults, assertNoSidewaysScroll, env, open, phone, picture, until } from './rig.mjs';
import { admin, openItem, pay, shake, signIn } from './steer.mjs';
import { read } from './traces.mjs';

const SHOP = env('SHOP');
const item = (id, lang = '') => `${SHOP}/items/${id}${lang && `?lang=${lang}`}`;
const view = (page, name, bound = 20_000) => page.waitForSelector(`#buy[data-view="${name}"]`, { timeout: bound });
const text = (page, where) => page.textContent(where);
let users = 0;

/** A phone with somebody's cookie at a page; whatever happens there must leave no fault behind. */
async function shopper(options, url, check) {
  const { user = `shopper-${process.pid}-${++users}`, init, allowed, ...profile } = options;
  const context = await phone(profile);
  try {
    if (user) {
      await signIn(context, user);
    }
    if (init) {
      await context.addInitScript(init);
    }
    const page = await open(context, url);
    await check(page, context, user);
    if (page.context().browser()) {
      assertNoFaults(page, allowed);
    }
  } finally {
    await context.close();
  }
}

// Most of their time tests wait for each other's clocks: several at once.
describe('the page of a shopper', { concurrency: 4 }, () => {
test('a shopper waits for the opening by the clock of the shop, taps once and has to pay', async () => {
  const id = await openItem(5, { opensInMs: 24_000, item: { payWithinSeconds: 900, title: 'Wireless earbuds', price: 19_900, listPrice: 39_900 } });
  const wrongClock = () => {
    const right = Date.now;
    Date.now = () => right() + 3_600_000;
  };

  await shopper({ init: wrongClock }, item(id), async (page) => {
    await view(page, 'starting');
    await assertAccessible(page, 'starting');
    await until(async () => /(59:5\d|1:00:0\d) ahead/.test(await text(page, '.skew')), 'the offset is shown');
    await view(page, 'starting');
    await until(async () => /^0:0[1-5]$/.test(await text(page, '.clock b')), 'seconds by the clock of the shop');
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'won');
    assert.match(await text(page, '.clock b'), /^1(4:\d\d|5:00)$/);
    assert.match(await text(page, '.next'), /Pay within 1(4:\d\d|5:00)/);
    await picture(page, 'shopper-won');
  });
});

test('paid is seen at once, and the button leads to the place to pay before that', async () => {
  const id = await openItem(5);

  await shopper({}, item(id), async (page) => {
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'won');
    const order = /Order (\d+)/.exec(await text(page, '.next'))[1];
    const other = await open(page.context(), item(id));
    await view(other, 'won'); // another window of this browser knows too
    await other.close();
    await pay(order);
    await view(page, 'paid');
    await page.reload();
    await view(page, 'paid');
  });
});

test('of two who race for one unit one wins; what is given back wakes the other', async () => {
  const id = await openItem(1, { item: { title: 'Vintage camera', price: 88_800, listPrice: 128_800 } });

  await shopper({}, item(id), (first) => shopper({}, item(id), async (second) => {
    await Promise.all([view(first, 'ready'), view(second, 'ready')]);
    await Promise.all([first.tap('.go'), second.tap('.go')]);
    const settled = async (page) => (await page.getAttribute('#buy', 'data-view')).match(/won|gone|soldout/)?.[0];
    const [a, b] = await Promise.all([until(() => settled(first), 'first'), until(() => settled(second), 'second')]);
    assert.deepEqual([a, b].filter((name) => name === 'won').length, 1);
    const [winner, loser] = a === 'won' ? [first, second] : [second, first];
    await view(loser, 'soldout');
    assert.equal(await loser.getAttribute('.level', 'data-level'), 'none');
    await picture(loser, 'shopper-soldout');
    const order = /Order (\d+)/.exec(await text(winner, '.next'))[1];
    await winner.evaluate((id) => fetch(`/api/v1/orders/${id}/cancel`, { method: 'POST' }), order);
    await view(winner, 'released');
    await view(loser, 'ready');
    await loser.tap('.go');
    await view(loser, 'won');
  }));
});

test('who comes too late is told when the next portion comes', async () => {
  const at = Date.now() + 1_800_000;
  const id = await openItem(1, { item: { releases: [{ at, units: 3 }] } });
  await shake(`early-${process.pid}`, id);

  await shopper({}, item(id), async (page) => {
    await view(page, 'soldout');
    const when = await page.evaluate((ms) => new Date(ms).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit' }), at);
    await until(async () => (await text(page, '.next')).includes(when), `the next portion comes at ${when}`);
  });
});

test('a phone that may buzz does so for who has won', async () => {
  const id = await openItem(1);
  const buzzes = () => {
    window.buzzed = [];
    navigator.vibrate = (ms) => window.buzzed.push(ms);
  };

  await shopper({ init: buzzes }, item(id), async (page) => {
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'won');
    assert.deepEqual(await page.evaluate('buzzed'), [200]);
  });
});

test('a line that does not come up is said, and the button waits', async () => {
  const id = await openItem(1);
  const silent = () => {
    window.WebSocket = class {
      send() {}
      close() {}
    };
  };

  await shopper({ init: silent }, item(id), async (page) => {
    await view(page, 'connecting');
    assert.equal(await page.getAttribute('.go', 'aria-disabled'), 'true');
    await assertAccessible(page, 'connecting');
  });
});

test('a key that was sent when the network went is kept and asked for', async () => {
  const id = await openItem(5);

  await shopper({ allowed: /ERR_INTERNET_DISCONNECTED/ }, item(id), async (page, context) => {
    await view(page, 'ready');
    await page.evaluate(() => {
      document.querySelector('.go').click();
      dispatchEvent(new Event('offline'));
    });
    await context.setOffline(true);
    await view(page, 'offline');
    const kept = await page.evaluate((id) => JSON.parse(localStorage.getItem(`stampede.${id}`)), id);
    assert.ok(kept.open && kept.key);
    await page.waitForTimeout(300);
    await context.setOffline(false);
    await view(page, 'won');
    const order = /Order (\d+)/.exec(await text(page, '.next'))[1];
    const told = await page.evaluate((id) => fetch(`/api/v1/orders/${id}`).then((answer) => answer.json()), order);
    assert.equal(told.key, kept.key);
  });
});

test('the result outlives a reload, another page and back, and a locked phone', async () => {
  const id = await openItem(5);

  await shopper({}, item(id), async (page) => {
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'won');
    const order = await text(page, '.next');
    await page.reload();
    await view(page, 'won');
    await page.goto(`${SHOP}/`);
    await page.goBack();
    await view(page, 'won');
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await view(page, 'won');
    assert.equal((await text(page, '.next')).match(/\d+$/)[0], order.match(/\d+$/)[0]);
  });
});

test('a page that comes back from the cache of the browser shows at once what is so now', async () => {
  const id = await openItem(5);
  const gone = (kind) => dispatchEvent(new PageTransitionEvent(kind, { persisted: true }));

  await shopper({}, item(id), async (page, context, user) => {
    await view(page, 'ready');
    await page.evaluate(gone, 'pagehide');
    await admin('admin.item.pause', { item: id });
    await page.evaluate(gone, 'pageshow');
    await until(async () => (await page.getAttribute('#buy', 'data-state')) === 'paused', 'what the item is doing');
    await admin('admin.item.resume', { item: id });
    await view(page, 'ready');

    await page.evaluate(gone, 'pagehide'); // meanwhile another page of this phone wins
    const other = await open(context, item(id));
    await view(other, 'ready');
    await other.tap('.go');
    await view(other, 'won');
    await other.close();
    await page.evaluate(gone, 'pageshow');
    await view(page, 'won');

    await page.evaluate(gone, 'pagehide'); // and somebody else signs in
    await signIn(context, `later-${user}`);
    await page.evaluate(gone, 'pageshow');
    await view(page, 'ready');
  });
});

test('what one shopper won another on the same phone does not see', async () => {
  const id = await openItem(5);

  await shopper({}, item(id), async (page, context) => {
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'won');
    await signIn(context, `other-${process.pid}`);
    await page.reload();
    await view(page, 'ready');
  });
});

test('without a script a form buys, once', async () => {
  const id = await openItem(5, { item: { title: 'Desk lamp' } });

  await shopper({ javaScriptEnabled: false }, item(id), async (page) => {
    assert.equal(await page.locator('noscript meta[http-equiv=refresh], meta[http-equiv=refresh]').count(), 1);
    await page.tap('form button');
    await page.waitForURL(/shakes\/form/);
    assert.match(await text(page, 'h1'), /You got it/);
    const order = await text(page, 'dd');
    await picture(page, 'shopper-plain');
    await page.goto(item(id));
    await page.tap('form button');
    await page.waitForURL(/shakes\/form/);
    assert.equal(await text(page, 'dd'), order);
    await assertNoSidewaysScroll(page);
  });
  await shopper({ javaScriptEnabled: false, user: '' }, item(id), async (page) => {
    await page.tap('form button');
    await page.waitForURL(/shakes/);
    assert.match(await text(page, 'h1'), /Sign in first/);
  });
});

test('pause, resume and the end are seen live', async () => {
  const id = await openItem(5);

  await shopper({}, item(id), async (page) => {
    await view(page, 'ready');
    await admin('admin.item.pause', { item: id });
    await view(page, 'paused');
    await admin('admin.item.resume', { item: id });
    await view(page, 'ready');
    await admin('admin.item.close', { item: id });
    await view(page, 'ended');
  });
});

test('who is not signed in signs in and goes on; a name is only a name', async () => {
  const id = await openItem(5);

  await shopper({ user: '' }, item(id), async (page) => {
    await view(page, 'signedout');
    await assertAccessible(page, 'signedout');
    await page.fill('.who input', '<img src=x onerror="window.hacked=1">');
    await page.tap('.who button');
    await view(page, 'ready');
    assert.equal(await text(page, '.who bdi'), '<img src=x onerror="window.hacked=1">');
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });
});

test('a device shakes first, signs in later and claims', async () => {
  const id = await openItem(5, { session: { login: 'after', claimWithinSeconds: 300 } });

  await shopper({ user: '' }, item(id), async (page) => {
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'claimlater');
    assert.match(await text(page, '.clock b'), /^[45]:\d\d$/);
    await assertAccessible(page, 'claimlater');
    await picture(page, 'shopper-claim');
    await page.fill('.who input', `claims-${process.pid}`);
    await page.tap('.who button');
    await view(page, 'claim');
    await page.tap('.go');
    await view(page, 'won');
  });
});

test('a shake is a tap: one frame, after the phone was asked', async () => {
  const id = await openItem(5);
  const asked = () => {
    DeviceMotionEvent.requestPermission = async () => 'granted';
    const send = WebSocket.prototype.send;
    window.sent = [];
    WebSocket.prototype.send = function (frame) {
      window.sent.push(frame);
      return send.call(this, frame);
    };
  };

  await shopper({ init: asked }, item(id), async (page) => {
    await view(page, 'ready');
    const move = ([from, { samples }]) => {
      for (const [t, x, y, z] of samples) {
        const event = new DeviceMotionEvent('devicemotion', { accelerationIncludingGravity: { x, y, z } });
        Object.defineProperty(event, 'timeStamp', { value: from + t });
        dispatchEvent(event);
      }
    };
    await page.evaluate(move, [0, read('shake-60')]);
    await page.waitForTimeout(100);
    await view(page, 'ready'); // nobody allowed it
    await page.tap('.quiet');
    await until(async () => (await text(page, '.quiet')) === 'Shaking works', 'allowed');
    await page.evaluate(move, [10_000, read('recorded-backpocket')]);
    await view(page, 'ready');
    await page.evaluate(move, [20_000, read('twice-60')]);
    await view(page, 'won');
    const frames = await page.evaluate(() => window.sent.filter((frame) => frame.includes('"shake"')));
    assert.equal(frames.length, 1);
  });
});

test('in the list sessions are chosen by tabs that say what each is doing', async () => {
  const session = { title: '晚场 · Evening' };
  const coming = await openItem(5, { opensInMs: 1_800_000, session, item: { title: 'Robot vacuum', price: 129_900, listPrice: 249_900 } });

  await shopper({}, `${SHOP}/`, async (page) => {
    await until(async () => {
      await page.reload();
      return page.locator(`a[href="/items/${coming}"]`).count();
    }, 'the new item is listed', 20_000);
    const tab = page.locator('.tabs a', { hasText: 'coming' }).first();
    await until(async () => /\d\d?:\d\d/.test(await tab.locator('small').textContent()), 'the tab counts down');
    await tab.click();
    assert.equal(await page.locator('.session:visible').count(), 1);
    assert.equal(await tab.getAttribute('aria-current'), 'true');
    await assertAccessible(page, 'a chosen session');
    await page.locator('.tabs a').first().click();
    await until(async () => (await page.locator('.session:visible').count()) > 1, 'all again');
    await picture(page, 'shopper-home');
    await assertNoSidewaysScroll(page);
  });
});

// ---- every state of the button, told by a socket of the test --------------------------------------------------------------

/** In the page: the socket says what the test says, and the shop's clock is the browser's. */
function scripted() {
  window.sockets = [];
  window.WebSocket = class {
    readyState = 1;
    sent = [];
    constructor() {
      window.sockets.push(this);
      setTimeout(() => this.tell({ type: 'welcome', user: 'u1', now: Date.now(), cooldownMs: 0, node: 'test' }));
    }
    send(frame) {
      this.sent.push(JSON.parse(frame));
    }
    close() {
      this.readyState = 3;
    }
    tell(frame) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }
    lose(code, reason) {
      this.readyState = 3;
      this.onclose?.({ code, reason });
    }
  };
  window.tell = (frame) => window.sockets.at(-1).tell(frame);
  window.key = () => window.sockets.at(-1).sent.findLast((frame) => frame.type === 'shake').key;
  window.answer = (outcome, more = {}) => window.tell({ type: 'outcome', key: window.key(), item: document.getElementById('buy').dataset.item, outcome, ...more });
  window.doing = (state, level = 'none') => window.tell({ type: 'item', item: document.getElementById('buy').dataset.item, state, level, asOf: Date.now() });
}

const HOUR = 3_600_000;
const tapThen = (then) => `document.querySelector('.go').click(); ${then}`;
const STATES = {
  ready: '1',
  sending: tapThen('1'),
  waiting: tapThen("tell({ type: 'queued', key: key(), item: '1', ahead: 1200, etaMs: 8000 })"),
  pending: tapThen("answer('pending', { retryAfterMs: 1000 })"),
  won: tapThen("answer('accepted', { order: '52776558133248', status: 'held', payBy: Date.now() + 899000, position: 1, at: 1 })"),
  paid: tapThen("answer('accepted', { order: '52776558133248', status: 'paid', payBy: Date.now(), position: 1, at: 1 })"),
  claim: tapThen("answer('accepted', { order: '17', status: 'held', payBy: Date.now() + 899000, claimBy: Date.now() + 99000, position: 1, at: 1 })"),
  released: tapThen("answer('accepted', { order: '17', status: 'released', payBy: Date.now(), position: 1, at: 1 })"),
  gone: tapThen("answer('sold_out', { position: 1, at: 1 })"),
  missed: tapThen("answer('missed', { retryAfterMs: 5000 })"),
  throttled: tapThen("answer('throttled', { retryAfterMs: 5000 })"),
  busy: tapThen("answer('busy', { retryAfterMs: 5000 })"),
  unknown: tapThen("answer('unknown', { position: 1, at: 1 })"),
  limit: tapThen("answer('limit_reached', { orders: ['52776558133248', '52776558133249'], position: 1, at: 1 })"),
  blocked: tapThen("answer('blocked')"),
  invalid: tapThen("answer('invalid', { code: 'key_reused', detail: 'the key has an order with another quantity' })"),
  soldout: "doing('sold_out')",
  paused: "doing('paused', 'low')",
  ended: "doing('ended')",
  offline: "sockets.at(-1).lose(1006, '')",
  replaced: "sockets.at(-1).lose(4001, 'replaced')",
};

for (const [lang, colorScheme] of [['en', 'light'], ['zh', 'dark']]) {
  test(`every state can be read and heard: ${lang}, ${colorScheme}`, async () => {
    const id = await openItem(5, { item: { title: '智能手机 Pro', price: 399_900, listPrice: 599_900 } });
    const later = await openItem(5, { opensInMs: HOUR });
    const heads = new Set();

    await shopper({ init: scripted, colorScheme, reducedMotion: 'reduce' }, item(id, lang), async (page) => {
      for (const [name, act] of Object.entries(STATES)) {
        await page.evaluate(() => localStorage.clear());
        await page.goto(item(id, lang));
        await view(page, 'ready');
        await page.focus('.go');
        await page.evaluate(act);
        await view(page, name);
        await until(async () => (await text(page, '.said')).startsWith(await text(page, '.head')), 'it is said');
        const words = [await text(page, '.head'), await text(page, '.next'), await text(page, '.go')];
        assert.ok(words.every((word) => word && !/undefined|[{}]|buy_/.test(word)), `${name}: ${words}`);
        assert.ok(words.every((word) => /[\u4e00-\u9fff]/.test(word) === (lang === 'zh')), `${name} in ${lang}: ${words}`);
        assert.ok(lang === 'en' || !/[a-z]{2} [a-z]{2}/i.test(words.join('')), `English in ${name}: ${words}`);
        assert.ok(await page.evaluate(() => document.activeElement.matches('.go')), `${name}: focus is kept`);
        heads.add(words[0]);
        await assertAccessible(page, `${name} ${lang}`, colorScheme === 'dark' ? ['color-contrast'] : undefined);
        await assertNoSidewaysScroll(page);
        if (lang === 'en' || ['ready', 'won', 'soldout'].includes(name)) {
          await picture(page, `state-${name}-${lang}`, { scale: 'css' });
        }
      }
      const told = await page.evaluate(() => {
        const at = Date.now() + 7_200_000;
        window.tell({ type: 'item', item: document.getElementById('buy').dataset.item, state: 'open', level: 'low', asOf: at });
        return new Date(at).toISOString().slice(11, 19);
      });
      await until(async () => (await text(page, '.level time')).includes(told), 'the level says as of when it was told');
      await page.goto(item(later, lang));
      await view(page, 'remind');
      await assertAccessible(page, 'remind');
      await picture(page, `state-remind-${lang}`);
    });
    assert.ok(heads.size >= 15);
  });
}

test('after 4001 a window stays away until it is asked to go on', async () => {
  const id = await openItem(5);

  await shopper({ init: scripted }, item(id), async (page) => {
    await view(page, 'ready');
    await page.evaluate("sockets.at(-1).lose(4001, 'replaced')");
    await view(page, 'replaced');
    await page.waitForTimeout(1_500);
    assert.equal(await page.evaluate('sockets.length'), 1);
    await page.tap('.go');
    await view(page, 'ready');
    assert.equal(await page.evaluate('sockets.length'), 2);
    await page.evaluate("sockets.at(-1).lose(1012, 'retryAfterMs=700')");
    await view(page, 'offline');
    await view(page, 'ready');
  });
});

test('only milestones are said, not every second; a notice is only text', async () => {
  const id = await openItem(5);

  await shopper({ init: scripted }, item(id), async (page) => {
    await view(page, 'ready');
    await page.evaluate(() => {
      window.said = [];
      new MutationObserver(() => window.said.push(document.querySelector('.said').textContent))
        .observe(document.querySelector('.said'), { childList: true, characterData: true, subtree: true });
    });
    await page.evaluate(tapThen("answer('missed', { retryAfterMs: 2200 })"));
    await until(async () => (await page.getAttribute('.go', 'aria-disabled')) === 'false', 'it may be tried again');
    assert.equal((await page.evaluate('said')).filter((words) => words.startsWith('Not this time')).length, 1);
    await page.evaluate(`tell({ type: 'notice', text: '<img src=x onerror="window.hacked=1">More at noon', at: 1 })`);
    assert.equal(await text(page, '.notice'), '<img src=x onerror="window.hacked=1">More at noon');
    assert.equal(await page.evaluate('window.hacked'), undefined);
  });
});

test('at 200 % nothing is lost and nothing scrolls sideways; targets are large enough', async () => {
  const id = await openItem(5, { item: { title: '一个非常非常长的商品名称 with a very long English name too 512 GB' } });

  for (const path of [`/items/${id}`, '/', '/search?q=phone']) {
    await shopper({ viewport: { width: 180, height: 320 } }, SHOP + path, async (page) => {
      await page.waitForTimeout(200);
      await assertNoSidewaysScroll(page);
      if (path.startsWith('/items')) {
        await view(page, 'ready');
        await page.locator('.dock > .go').scrollIntoViewIfNeeded();
        await page.tap('.go');
        await view(page, 'won');
        await page.locator('.dock > .go').scrollIntoViewIfNeeded();
        await picture(page, 'shopper-zoomed');
      }
    });
    await shopper({}, SHOP + path, async (page) => {
      await page.waitForTimeout(200);
      const small = await page.evaluate(() => [...document.querySelectorAll('a, button, input')].filter((each) => each.offsetParent)
        .map((each) => ({ text: each.textContent || each.name, box: (each.closest('li') ?? each).getBoundingClientRect() }))
        .filter(({ box }) => box.height < 43.5).map(({ text, box }) => `${text} ${box.height}`));
      assert.deepEqual(small, [], path);
      await assertAccessible(page, path);
    });
  }
});

// ---- what others wrote -----------------------------------------------------------------------------------------------------

const HOSTILE = '<img src=x onerror="window.hacked=1">"\'><script>window.hacked=1</script>';

/** A search has at most 64 characters. */
const SEARCHED = `/search?q=${encodeURIComponent('"\'><script>window.hacked=1</script>')}`;

test('what others wrote is text: in titles, in a search, on every page', async () => {
  const id = await openItem(5, { session: { title: HOSTILE }, item: { title: HOSTILE } });

  await shopper({}, item(id), async (page) => {
    const session = await page.getAttribute('.stage > p:last-child a', 'href');
    for (const path of [`/items/${id}`, session, '/', SEARCHED]) {
      const answer = await page.goto(SHOP + path);
      assert.equal(answer.status(), 200, path);
      await page.waitForTimeout(100);
      assert.equal(await page.evaluate('window.hacked'), undefined, path);
      assert.equal(await page.locator('main img').count(), 0, path);
    }
  });
});

test('the same title and search attack where they are not escaped, and the CSP stops them even then', async () => {
  const id = await openItem(5, { item: { title: HOSTILE } });
  const bare = (html) => html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

  for (const [url, guarded] of [[item(id), false], [item(id), true], [SHOP + SEARCHED, false], [SHOP + SEARCHED, true]]) {
    await shopper({ allowed: guarded ? /CSP|Content Security Policy|LOCAL_NETWORK_ACCESS/ : /./ }, 'about:blank', async (page) => {
      await page.route(({ pathname }) => pathname === new URL(url).pathname, async (route) => {
        const answer = await route.fetch();
        const headers = answer.headers();
        if (!guarded) {
          delete headers['content-security-policy'];
        }
        await route.fulfill({ response: answer, headers, body: bare(await answer.text()) });
      });
      await page.goto(url);
      await page.waitForTimeout(300);
      assert.equal(await page.evaluate('window.hacked'), guarded ? undefined : 1, url);
      assert.ok(!guarded || page.faults.some((fault) => /Content Security Policy/.test(fault)));
    });
  }
});

/** A page of somebody else on this machine: its port is another origin, but the same site, so the browser lends it the cookie. */
async function evil(html, check) {
  const server = createServer((request, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><title>Win a phone</title>${html}`));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    await check(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test('a page of another place can not put this one into a frame, and could if the header was not there', async () => {
  await evil(`<iframe src="${SHOP}/"></iframe>`, async (url) => {
    for (const guarded of [true, false]) {
      await shopper({ user: '', allowed: /./ }, 'about:blank', async (page) => {
        if (!guarded) {
          await page.route(({ href }) => href === `${SHOP}/`, async (route) => {
            const answer = await route.fetch();
            const { 'content-security-policy': policy, ...headers } = answer.headers();
            assert.match(policy, /frame-ancestors 'none'/);
            await route.fulfill({ response: answer, headers, body: await answer.text() });
          });
        }
        const asked = page.waitForRequest(`${SHOP}/`);
        await page.goto(url, { waitUntil: 'domcontentloaded' });
        await asked;
        const framed = () => page.frames()[1].url();
        if (guarded) {
          await page.waitForTimeout(1_000); // nothing tells that a frame stays empty
          assert.equal(framed().startsWith(SHOP), false, framed());
        } else {
          await until(() => framed() === `${SHOP}/`, 'the attack');
          await page.frames()[1].locator('.shop').first().waitFor();
        }
      });
    }
  });
});

test('a form of another page buys nothing with the cookie it is lent, and would if nobody looked whose it is', async () => {
  const id = await openItem(5);
  const form = `<form method="post" action="${item(id)}/shakes"><input type="hidden" name="key" value="form"><button>Win</button></form>`;

  await evil(form, async (url) => {
    for (const guarded of [true, false]) {
      await shopper({}, url, async (page) => {
        const asked = page.waitForRequest((request) => request.method() === 'POST');
        if (!guarded) { // as if nobody looked: the post says it comes from the shop's own page
          await page.route('**/shakes', async (route) => {
            const headers = { ...(await route.request().allHeaders()), origin: SHOP };
            await route.fulfill({ response: await route.fetch({ headers }) });
          });
        }
        await page.tap('button');
        const { cookie } = await (await asked).allHeaders();
        if (guarded) { // of a request on its way through a test the browser doesn't tell it
          assert.match(cookie, /stampede=/, 'the browser lends the cookie');
        }
        await page.waitForURL(/shakes/);
        assert.equal(/You got it/.test(await text(page, 'h1')), !guarded);
      });
    }
  });
});

// ---- for the README ----------------------------------------------------------------------------------------------------------

test('the picture in the README is of this page', async () => {
  const id = await openItem(50, { item: { title: 'Wireless earbuds, third generation', price: 19_900, listPrice: 39_900, payWithinSeconds: 900 } });
  const file = env('PICTURE');

  await shopper({ user: 'alice', deviceScaleFactor: 1 }, item(id), async (page) => {
    await view(page, 'ready');
    await page.tap('.go');
    await view(page, 'won');
    const taken = await picture(page, 'shopper', process.env.PICTURES === 'write' ? { path: file } : {});
    const size = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];
    assert.ok(existsSync(file), `${file} is missing; make it with -Dpictures=write`);
    assert.deepEqual(size(readFileSync(file)), size(taken));
    assert.ok(statSync(file).size <= 60_000, 'at most 60 kB');
  });
});
});
