// The shopper's page without a browser: what the button shows, what happens to it, what is a shake.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TRACES, make, read } from './traces.mjs';

const source = readFileSync(join(process.env.WEBROOT, 'shop.js'));
const { backOff, clockOffset, countDown, fill, fresh, inZoneOf, look, shakeDetector, step, toldToWait } =
  await import(`data:text/javascript;base64,${source.toString('base64')}`);

const NOW = 1_800_000_000_000;
const ITEM = { item: '1001', state: 'open', level: 'plenty', opensAt: NOW - 1_000, closesAt: NOW + 3_600_000, nextReleaseAt: 0, limit: 1, login: 'before' };
const HELD = { order: '17', status: 'held', payBy: NOW + 899_000, claimBy: 0, key: 'k-1' };

/** A shopper on the line, with what differs. */
const at = (more = {}, item = {}) => fresh({ ...ITEM, ...item }, { who: 'u1', line: 'online', ...more });
const name = (buy, now = NOW) => look(buy, now).name;

/** Events in turn; gives the state and all effects. */
function after(buy, ...events) {
  const effects = [];
  for (const event of events) {
    const [next, more] = step(buy, event, event.now ?? NOW);
    buy = next;
    effects.push(...more);
  }
  return { buy, effects, sent: effects.filter((e) => e.send).map((e) => e.send) };
}

const tap = (key) => ({ type: 'tap', key });
const outcome = (kind, more = {}) => ({ type: 'outcome', key: 'k-1', item: '1001', outcome: kind, ...more });

test('the button goes from a reminder to the end of the sale', () => {
  const early = { state: 'scheduled', opensAt: NOW + 600_000 };
  const soon = { state: 'scheduled', opensAt: NOW + 9_000 };
  const states = [
    [at({}, early), 'remind', 'remind'], [at({}, soon), 'starting', ''], [at(), 'ready', 'shake'],
    [at({ key: 'k', open: true }), 'sending', ''], [at({ key: 'k', open: true, queued: { ahead: 1_200, etaMs: 800 } }), 'waiting', ''],
    [at({ key: 'k', open: true, answer: { outcome: 'pending' } }), 'pending', ''],
    [at({ order: HELD }), 'won', 'pay'], [at({ order: { ...HELD, status: 'paid' } }), 'paid', ''],
    [at({ order: { ...HELD, status: 'released' } }), 'released', 'shake'],
    [at({ answer: { outcome: 'sold_out' }, retryAt: NOW + 3_000 }), 'gone', ''],
    [at({ answer: { outcome: 'missed' }, retryAt: NOW + 3_000 }), 'missed', ''], [at({ answer: { outcome: 'missed' } }), 'missed', 'shake'],
    [at({ answer: { outcome: 'throttled' }, retryAt: NOW + 3_000 }), 'throttled', ''],
    [at({ answer: { outcome: 'busy' }, retryAt: NOW + 3_000 }), 'busy', ''],
    [at({ answer: { outcome: 'unknown' } }), 'unknown', 'shake'], [at({}, { state: 'sold_out', level: 'none' }), 'soldout', ''],
    [at({}, { state: 'paused' }), 'paused', ''], [at({ answer: { outcome: 'paused' }, retryAt: NOW + 900 }), 'paused', ''],
    [at({ answer: { outcome: 'ended' } }), 'ended', ''], [at({}, { state: 'ended' }), 'ended', ''],
    [at({ answer: { outcome: 'limit_reached', orders: ['9'] } }), 'limit', ''], [at({ answer: { outcome: 'blocked' } }), 'blocked', ''],
    [at({ answer: { outcome: 'invalid', detail: 'no' } }), 'invalid', 'reload'], [at({ line: 'offline' }), 'offline', ''],
    [at({ line: 'replaced' }), 'replaced', 'here'], [at({ who: null, line: 'idle' }), 'signedout', 'signin'],
    [at({ who: 'device:1', device: true, order: { ...HELD, claimBy: NOW + 60_000 } }), 'claimlater', 'signin'],
    [at({ order: { ...HELD, claimBy: NOW + 60_000 } }), 'claim', 'claim'], [at({ line: 'connecting' }), 'connecting', ''],
  ];
  for (const [buy, shown, act] of states) {
    assert.equal(`${look(buy, NOW).name} ${look(buy, NOW).act}`, `${shown} ${act}`);
  }
});

test('an order shows whatever else is so', () => {
  for (const more of [{ line: 'offline' }, { line: 'replaced' }, { who: null }]) {
    assert.equal(name(at({ ...more, order: HELD })), 'won');
  }
  assert.equal(name(at({ order: HELD }, { state: 'ended' })), 'won');
});

test('at its time the button wakes though the news of the opening have not come', () => {
  const item = { state: 'scheduled', opensAt: NOW + 1 };

  assert.equal(name(at({}, item), NOW), 'starting');
  assert.equal(name(at({}, item), NOW + 1), 'ready');
});

test('a tap is one frame with a key that was saved before', () => {
  const { buy, effects } = after(at(), tap('k-1'), tap('k-2'), tap('k-3'));

  assert.deepEqual(effects, [{ save: true }, { send: { type: 'shake', key: 'k-1', item: '1001', quantity: 1 } }]);
  assert.equal(buy.key, 'k-1');
});

test('the key stays the same until an order binds it', () => {
  const refused = ['missed', 'throttled', 'sold_out', 'unknown'].flatMap((kind, i) =>
    [tap(`other-${i}`), outcome(kind, { retryAfterMs: 10 }), { type: 'tick', now: NOW + 20 * (i + 1) }]).map((e, i) => ({ ...e, now: NOW + 20 * i }));
  const { sent } = after(at({ key: 'k-1' }), ...refused);

  assert.equal(sent.length, 4);
  assert.ok(sent.every((frame) => frame.key === 'k-1'));

  const bound = after(at({ key: 'k-1', open: true }), outcome('accepted', { ...HELD }), { type: 'order', order: '17', status: 'released' }, tap('k-2'));
  assert.equal(bound.sent[0].key, 'k-2');
});

test('after a reconnect an open key is asked for, not sent again', () => {
  const open = at({ key: 'k-1', open: true, line: 'offline' });

  assert.deepEqual(after(open, { type: 'welcome' }).sent, [{ type: 'watch', items: ['1001'] }, { type: 'result', key: 'k-1', item: '1001' }]);
  assert.equal(name(after(open, { type: 'welcome' }, outcome('unknown', { position: 5 })).buy), 'unknown');
  assert.equal(name(after(open, { type: 'welcome' }, outcome('accepted', HELD)).buy), 'won');
  assert.deepEqual(after(at({ order: { ...HELD, status: 'paid' } }), { type: 'welcome' }).sent.length, 1);
});

test('busy is tried again by itself, a few times, the rest by hand', () => {
  let buy = after(at(), tap('k-1')).buy;
  let sent = 0;
  for (let i = 1; i < 20; i++) {
    const later = NOW + i * 1_000;
    const done = after(buy, { ...outcome('busy', { retryAfterMs: 500 }), now: later }, { type: 'tick', now: later + 499 }, { type: 'tick', now: later + 500 });
    buy = done.buy;
    sent += done.sent.length;
  }
  assert.equal(sent, 5);
  assert.deepEqual(after(at({ key: 'k-1', answer: { outcome: 'throttled' }, retryAt: NOW - 1 }), { type: 'tick' }).sent, []);
});

test('too early is sent again at the opening, with the same key', () => {
  const early = after(at({ key: 'k-1', open: true }), outcome('not_open', { opensAt: NOW + 300, retryAfterMs: 300 })).buy;

  assert.equal(name(early), 'starting');
  assert.deepEqual(after(early, { type: 'tick', now: NOW + 301 }).sent.map((f) => f.key), ['k-1']);
});

test('unpaid stock that comes back wakes the button', () => {
  const gone = after(at({ key: 'k-1', open: true }), outcome('sold_out', { position: 3 }),
    { type: 'item', item: '1001', state: 'sold_out', level: 'none', asOf: NOW }).buy;
  const back = after(gone, { type: 'item', item: '1001', state: 'open', level: 'low', asOf: NOW + 1 });

  assert.equal(name(gone, NOW + 10_000), 'soldout');
  assert.equal(name(back.buy), 'ready');
  assert.equal(back.effects.length, 1);
});

test('what is said of other keys, items and orders changes nothing', () => {
  const buy = at({ key: 'k-1', open: true });

  assert.equal(after(buy, { ...outcome('accepted', HELD), key: 'k-9' }).buy, buy);
  assert.equal(after(buy, { type: 'item', item: '7', state: 'ended' }).buy, buy);
  assert.equal(after(buy, { type: 'order', order: '99', status: 'paid' }).buy, buy);
  assert.equal(after(buy, { type: 'nonsense' }).buy, buy);
});

test('who is not signed in is told before it counts, devices may shake', () => {
  const soon = { state: 'scheduled', opensAt: NOW + 9_000 };

  assert.equal(name(at({ who: null }, soon)), 'signedout');
  assert.equal(name(at({ who: null, line: 'offline', key: 'k-1', open: true })), 'signedout'); // a token that ended
  assert.equal(name(at({ who: null, device: true }, { ...soon, login: 'after' })), 'starting');
  assert.equal(name(at({ who: null, device: true }, { login: 'after' })), 'ready');
});

test('tries to reconnect are spread, doubling to half a minute, or as told', () => {
  assert.equal(backOff(0, 0), 200);
  assert.equal(backOff(0, 1), 700);
  assert.equal(backOff(3, 1), 4_200);
  assert.equal(backOff(50, 1), 30_200);
  assert.equal(backOff(9, 0.5, 1_234), 1_234);
  assert.equal(toldToWait(1012, 'retryAfterMs=2500'), 2_500);
  assert.equal(toldToWait(1012, ''), 1_000);
  assert.equal(toldToWait(1013, 'retryAfterMs=2500'), 0);
});

test("the clock is the shop's, by the quickest round trip", () => {
  assert.equal(clockOffset([{ sent: 1_000, back: 1_400, now: 6_900 }, { sent: 2_000, back: 2_020, now: 7_010 }, { sent: 3_000, back: 3_900, now: 9_000 }]), 5_000);
});

test('time that is left is written for people', () => {
  assert.equal(inZoneOf('2026-11-28T16:47:01+08:00', Date.UTC(2026, 10, 28, 17, 0, 5)), '2026-11-29T01:00:05+08:00');
  assert.equal(inZoneOf('2026-11-28T16:47:01-03:30', Date.UTC(2026, 10, 28, 2, 0, 5)), '2026-11-27T22:30:05-03:30');
  assert.equal(inZoneOf('2026-11-28T16:47:01Z', Date.UTC(2026, 10, 28, 2, 0, 5)), '2026-11-28T02:00:05+00:00');
  assert.deepEqual([899_000, 898_001, 1, 0, -5, 3_600_000, 90_061_000].map(countDown),
    ['14:59', '14:59', '0:01', '0:00', '0:00', '1:00:00', '1d 1:01:01']);
  assert.equal(fill('{0} of {1}{2}', 'a', 'b'), 'a of b');
});

for (const trace of Object.keys(TRACES)) {
  test(`the trace ${trace} holds ${TRACES[trace].shakes} shakes`, () => {
    const { made, shakes, samples } = read(trace);
    const isShake = shakeDetector();
    const heard = samples.filter(([t, x, y, z]) => isShake({ t, x, y, z }));

    const again = make(trace);
    assert.deepEqual([made, shakes, samples.length], [again.made, again.shakes, again.samples.length]);
    assert.ok(samples.every((one, i) => one.every((value, k) => Math.abs(value - again.samples[i][k]) < 0.02)), 'not what traces.mjs makes');
    assert.equal(heard.length, shakes);
  });
}

const recordings = readdirSync(new URL('traces', import.meta.url)).filter((file) => file.startsWith('recorded-')).map((file) => file.slice(0, -5));

test('there are recordings', () => assert.ok(recordings.length >= 6));

for (const recording of recordings) {
  test(`${recording} holds what was recorded, and a shake is heard after it`, () => {
    const { shakes, samples } = read(recording);
    const isShake = shakeDetector();
    const heard = (all) => all.filter(([t, x, y, z]) => isShake({ t, x, y, z })).length;

    assert.ok(samples.length >= 400, 'a few seconds');
    assert.equal(heard(samples), shakes);
    assert.equal(heard(read('shake-60').samples.map(([t, ...a]) => [samples.at(-1)[0] + 17 + t, ...a])), 1);
  });
}

test('steps in a back pocket turn hard and often enough, but let up', () => {
  const turnsOnly = source.toString().replace(/share: [\d.]+/, 'share: 0');
  assert.notEqual(turnsOnly, source.toString());
  return import(`data:text/javascript;base64,${Buffer.from(turnsOnly).toString('base64')}`).then((naive) => {
    const isShake = naive.shakeDetector();
    const heard = read('recorded-backpocket').samples.filter(([t, x, y, z]) => isShake({ t, x, y, z }));
    assert.equal(heard.length, 2, 'what the page would have taken for a shake');
  });
});
