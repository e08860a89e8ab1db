// The shopper's page comes alive: docs/shopper-page.md says what it does and what it keeps. First what is pure, and tested
// without a browser: what to show (look), what happens (step), what is a shake. Then the clock, the line and the page.

/** Settled orders free the way for a new intent, with a new key. */
const SETTLED = ['paid', 'released', 'late_payment', 'extra_payment'];
const STARTING_MS = 60_000;
const GONE_MS = 3_000;
const RESENDS_MAX = 5;

/** One item and how far one shopper has come with it. `who`: undefined = not known yet, null = nobody. */
export function fresh(item, kept = {}) {
  return { item, who: undefined, device: false, line: 'idle', key: null, open: false, queued: null, answer: null, order: null,
    retryAt: 0, resends: 0, ...kept };
}

/** What to show now: a name, what the button does ('' = nothing), when that ends, what the words put in. */
export function look(buy, now) {
  const { item, order, answer, line } = buy;
  const view = (name, act = '', more = {}) => ({ name, act, ...more });
  const opened = item.state !== 'scheduled' || now >= item.opensAt;
  const over = item.state === 'ended' || now >= item.closesAt || answer?.outcome === 'ended';
  const offline = line === 'offline';
  const waits = buy.retryAt > now;
  const signedOut = buy.who === null && item.login !== 'after';

  if (order?.status === 'held' && order.claimBy) {
    const user = buy.who && !buy.device;
    return order.claimBy > now ? view(user ? 'claim' : 'claimlater', user ? 'claim' : 'signin', { until: order.claimBy, order: order.order })
      : view('released', over ? '' : 'shake', { order: order.order });
  }
  if (order?.status === 'held') {
    return view('won', 'pay', { until: order.payBy, order: order.order });
  }
  if (line === 'replaced') {
    return view('replaced', 'here');
  }
  if (order && order.status !== 'released') {
    return view('paid', item.limit > 1 && item.state === 'open' && line === 'online' ? 'shake' : '', { order: order.order });
  }
  if (offline && !signedOut && (buy.open || opened) && !over) {
    return view('offline', '', { kept: buy.open });
  }
  if (buy.open && !signedOut) {
    return buy.queued ? view('waiting', '', buy.queued) : view(answer?.outcome === 'pending' ? 'pending' : 'sending');
  }
  if (over) {
    return view('ended');
  }
  if (answer?.outcome === 'blocked') {
    return view('blocked');
  }
  if (answer?.outcome === 'limit_reached') {
    return view('limit', '', { orders: answer.orders ?? [] });
  }
  if (!opened) {
    const soon = item.opensAt - now <= STARTING_MS;
    return soon && signedOut ? view('signedout', 'signin', { until: item.opensAt })
      : soon ? view('starting', '', { until: item.opensAt }) : view('remind', 'remind', { until: item.opensAt });
  }
  if (item.state === 'paused' || waits && answer?.outcome === 'paused') {
    return view('paused');
  }
  if (signedOut) {
    return view('signedout', 'signin');
  }
  if (answer?.outcome === 'invalid') {
    return view('invalid', 'reload', { code: answer.code ?? '' });
  }
  if (waits && answer?.outcome === 'busy') {
    return view('busy', '', { until: buy.retryAt });
  }
  if (waits && answer?.outcome === 'not_open') {
    return view('starting', '', { until: buy.retryAt });
  }
  if (item.state === 'sold_out') {
    return view('soldout', '', { more: item.nextReleaseAt > now ? item.nextReleaseAt : 0 });
  }
  if (answer && ['missed', 'throttled', 'sold_out'].includes(answer.outcome)) {
    const name = answer.outcome === 'sold_out' ? 'gone' : answer.outcome;
    return waits ? view(name, '', { until: buy.retryAt }) : view(name, line === 'online' ? 'shake' : '');
  }
  if (order) {
    return view('released', line === 'online' ? 'shake' : '', { order: order.order });
  }
  if (answer?.outcome === 'unknown') {
    return view('unknown', line === 'online' ? 'shake' : '');
  }
  return line === 'online' ? view('ready', 'shake') : view('connecting');
}

/** What an event makes of it: [buy, effects]. Effects: {send: frame}, {save: true}, {buzz: ms}. */
export function step(buy, event, now) {
  switch (event.type) {
    case 'who':
      return [{ ...buy, who: event.user, device: !!event.device }, []];
    case 'line':
      return [{ ...buy, line: event.line }, []];
    case 'welcome':
      return welcomed(buy);
    case 'tap':
      return look(buy, now).act === 'shake' && buy.line === 'online' ? shaken(buy, event.key) : [buy, []];
    case 'tick':
      return ticked(buy, event, now);
    case 'item':
      return event.item === buy.item.item ? itemSaid(buy, event) : [buy, []];
    case 'queued':
      return event.key === buy.key && buy.open ? [{ ...buy, queued: { ahead: event.ahead, etaMs: event.etaMs } }, []] : [buy, []];
    case 'outcome':
      return event.key === buy.key || event.key === buy.order?.key ? answered(buy, event, now) : [buy, []];
    case 'order':
      return event.order === buy.order?.order
        ? [{ ...buy, order: { ...buy.order, status: event.status, claimBy: 0 } }, [{ save: true }, { buzz: 60 }]] : [buy, []];
    case 'claimed':
      return [{ ...buy, order: { ...buy.order, ...event.order, claimBy: 0 } }, [{ save: true }]];
    default:
      return [buy, []];
  }
}

function welcomed(buy) {
  const effects = [{ send: { type: 'watch', items: [buy.item.item] } }];
  const key = buy.open ? buy.key : buy.order && !SETTLED.includes(buy.order.status) ? buy.order.key : null;
  if (key) {
    effects.push({ send: { type: 'result', key, item: buy.item.item } });
  }
  return [{ ...buy, line: 'online' }, effects];
}

/** A key is kept until an order binds it; saved before it is sent, so that a reload can ask for it. */
function shaken(buy, newKey) {
  const key = buy.key && buy.key !== buy.order?.key ? buy.key : newKey;
  const next = { ...buy, key, open: true, queued: null, answer: null, order: null, retryAt: 0, resends: 0 };
  return [next, [{ save: true }, { send: shake(next) }]];
}

const shake = (buy) => ({ type: 'shake', key: buy.key, item: buy.item.item, quantity: 1 });

/** Only what the shop itself was too busy for, or what came a moment too early, is sent again without a hand. */
function ticked(buy, event, now) {
  const due = buy.retryAt && buy.retryAt <= now && !buy.open && buy.line === 'online' && buy.resends < RESENDS_MAX
    && (buy.answer?.outcome === 'busy' || buy.answer?.outcome === 'not_open');
  return due
    ? [{ ...buy, open: true, answer: null, retryAt: 0, resends: buy.resends + 1 }, [{ save: true }, { send: shake(buy) }]] : [buy, []];
}

function itemSaid(buy, { state, level, asOf }) {
  const back = state === 'open' && buy.item.state !== 'open' && buy.answer && ['sold_out', 'paused', 'ended'].includes(buy.answer.outcome);
  const next = { ...buy, item: { ...buy.item, state, level, asOf } };
  return [back ? { ...next, answer: null, retryAt: 0 } : next, back ? [{ buzz: 40 }] : []];
}

function answered(buy, frame, now) {
  const { outcome } = frame;
  if (outcome === 'accepted') {
    const { order, status, payBy, claimBy = 0, key } = frame;
    const known = buy.order?.order === order;
    return [{ ...buy, open: false, queued: null, answer: null, retryAt: 0, order: { order, status, payBy, claimBy, key } },
      [{ save: true }, ...(known || status !== 'held' ? [] : [{ buzz: 200 }])]];
  }
  if (outcome === 'pending') {
    return [{ ...buy, answer: frame, queued: null }, []];
  }
  // a moment's refusal says nothing of a key whose order is known
  const wait = frame.retryAfterMs ?? (outcome === 'sold_out' ? GONE_MS : 0);
  const next = { ...buy, open: false, queued: null, answer: frame, retryAt: wait ? now + wait : 0 };
  if (outcome === 'not_open' && frame.opensAt) {
    next.item = { ...buy.item, opensAt: frame.opensAt };
  }
  return [next, [{ save: true }]];
}

/** How long to stay away before the next try: random, doubling to 30 s, or what the shop asked for. */
export function backOff(attempt, random, toldMs = 0) {
  return toldMs || Math.round(200 + random * Math.min(30_000, 500 * 2 ** Math.min(attempt, 10)));
}

/** `retryAfterMs=1234` in the reason of a 1012; 0 = it does not say. */
export function toldToWait(code, reason) {
  return code === 1012 ? Number(/retryAfterMs=(\d{1,6})/.exec(reason)?.[1] ?? 1_000) : 0;
}

/** The server's clock from round trips: what it said belongs to the middle of the quickest one. */
export function clockOffset(samples) {
  const best = samples.reduce((a, b) => (b.back - b.sent < a.back - a.sent ? b : a));
  return Math.round(best.now - (best.sent + best.back) / 2);
}

const SHAKE = { strength: 13, violent: 25, turns: 3, withinMs: 1_000, hard: 10, share: 0.5, overMs: 700, restMs: 1_500, gravityMs: 400 };

/** How often it turned back within the last second, of movements of at least that strength. */
function turnsOf(least) {
  let peak;
  let turns = [];
  return {
    count(moved, strength, t) {
      turns = turns.filter((at) => t - at < SHAKE.withinMs);
      if (strength >= least) {
        if (peak && moved[0] * peak[0] + moved[1] * peak[1] + moved[2] * peak[2] < 0) {
          turns.push(t);
        }
        peak = moved;
      }
      return turns.length;
    },
    clear() {
      turns = [];
    },
  };
}

/**
 * Tells a shake from walking, a pocket and a bus: within a second the phone turns back hard at least three times, and it
 * does not let up between: a step, however hard, is a blow that dies away. Or it turns back harder than any step makes it:
 * an arm that jerks and rests. Takes accelerations with gravity in m/s² at any rate from 20 Hz up, with their time in ms.
 */
export function shakeDetector() {
  let gravity;
  let before;
  let lately = []; // when, and whether hard
  let restUntil = 0;
  const hard = turnsOf(SHAKE.strength);
  const violent = turnsOf(SHAKE.violent);
  return ({ x, y, z, t }) => {
    const share = before === undefined ? 1 : Math.min(1, (t - before) / SHAKE.gravityMs);
    gravity = gravity ? [x, y, z].map((value, i) => gravity[i] + share * (value - gravity[i])) : [x, y, z];
    before = t;
    const moved = [x - gravity[0], y - gravity[1], z - gravity[2]];
    const strength = Math.hypot(...moved);
    lately = [...lately.filter(([at]) => t - at < SHAKE.overMs), [t, strength > SHAKE.hard]];
    if (strength < SHAKE.strength || t < restUntil) {
      return false;
    }
    const turned = hard.count(moved, strength, t) >= SHAKE.turns;
    const jerked = violent.count(moved, strength, t) >= SHAKE.turns;
    const steady = lately.filter(([, much]) => much).length >= SHAKE.share * lately.length;
    if (!jerked && !(turned && steady)) {
      return false;
    }
    hard.clear();
    violent.clear();
    restUntil = t + SHAKE.restMs;
    return true;
  };
}

/** The same moment as another one, written as that one is: 2026-11-28T16:47:01+08:00. */
export function inZoneOf(written, ms) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(written) ?? [null, '+', '00', '00'];
  const there = new Date(ms + `${sign}1` * (hours * 60 + +minutes) * 60_000);
  return `${there.toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}

/** How far a clock is off: 2.3 s, or 1:00:00. */
const skewOf = (ms, say) => (Math.abs(ms) < 60_000 ? say('clock_seconds', (Math.abs(ms) / 1_000).toFixed(1)) : countDown(Math.round(Math.abs(ms) / 1_000) * 1_000));

/** 1:02:03 or 14:59; seconds are counted up, so that 0:00 means over. */
export function countDown(ms) {
  const s = Math.max(0, Math.ceil(ms / 1_000));
  const two = (n) => String(n).padStart(2, '0');
  const days = Math.floor(s / 86_400);
  return s >= 3_600 ? (days ? `${days}d ` : '') + `${Math.floor(s / 3_600) % 24}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
    : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** A line with what it puts in: {0}, {1}. */
export const fill = (line, ...put) => line.replace(/\{(\d)\}/g, (all, n) => put[n] ?? '');

// ---- what the page keeps in this browser ----

const memory = {
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(`stampede.${name}`) ?? 'null');
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(`stampede.${name}`, JSON.stringify(value));
    } catch {
      // a private window: then only this page knows
    }
  },
};

// ---- the page of one item ----

const ASK = { credentials: 'same-origin', cache: 'no-store' };
const asked = (path, more) => fetch(path, { ...ASK, signal: AbortSignal.timeout?.(8_000), ...more });
const uuid = () => crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** One round trip to the shop's clock; nothing if there was none. */
async function askTime() {
  const sent = Date.now();
  const answer = await asked('/api/v1/time').catch(() => null);
  const back = Date.now();
  return answer?.ok ? { sent, back, now: (await answer.json()).now } : undefined;
}

/** The words of one language and the shop's own links, as the page names them. */
async function settings() {
  const { words, signIn, pay, devLogin } = document.body.dataset;
  return { words: await (await fetch(words)).json(), signIn, pay, devLogin: devLogin !== undefined };
}

/** Runs the page of an item; gives back what a test may steer it with. */
export function itemPage(root, { words, signIn, pay, devLogin }) {
  const data = root.dataset;
  const item = { item: data.item, state: data.state, level: data.level, opensAt: +data.opensAt, closesAt: +data.closesAt,
    nextReleaseAt: +data.nextReleaseAt, limit: +data.limit, login: data.login };
  const say = (key, ...put) => fill(words[key] ?? '', ...put);
  let offset = 0; // the phone's clock, until the shop has told its own
  let samples = [];
  const now = () => Date.now() + offset;
  let kept = memory.read(item.item);
  let buy = fresh(item);
  let socket = null;
  let connecting = false;
  let attempt = 0;
  let heardAt = 0;
  let timer = 0;
  let failures = 0;
  let shown = '';

  // ---- its parts; the button is never replaced, so focus stays where it is

  const clock = element('p', { className: 'clock' });
  const head = element('h2', { className: 'head' });
  const next = element('p', { className: 'next' });
  const go = element('button', { className: 'go', type: 'button' });
  const motion = element('button', { className: 'quiet', type: 'button', hidden: true });
  const skew = element('small', { className: 'skew' });
  const said = element('p', { className: 'said' });
  const notice = element('p', { className: 'notice', hidden: true });
  clock.setAttribute('role', 'timer');
  said.setAttribute('role', 'status');
  notice.setAttribute('role', 'status');
  const form = root.querySelector('form');
  const dock = root.querySelector('.dock');
  if (form) {
    form.hidden = true;
  }
  dock.querySelector('.plain')?.remove();
  dock.prepend(notice, head, next, go, element('p', { className: 'beside' }, motion, skew), said);
  root.querySelector('.stage').prepend(clock);

  function render() {
    const at = now();
    const view = look(buy, at);
    const paying = ['won', 'claim', 'claimlater'].includes(view.name);
    const left = view.until ? countDown(view.until - at - (paying ? 999 : 0)) : ''; // to pay, only whole seconds that are still there
    const waits = view.until && !paying;
    const put = view.name === 'waiting' ? [view.ahead.toLocaleString(document.documentElement.lang), Math.max(1, Math.ceil(view.etaMs / 1_000))]
      : view.name === 'limit' ? [item.limit, view.orders.join(', ')] : view.name === 'invalid' ? [words[`invalid_${view.code}`] ?? say('invalid_other', view.code)] : [left, view.order ?? ''];
    const unpayable = view.act === 'pay' && !pay ? '_shop' : view.act === 'signin' && !signIn ? '_shop' : view.name === 'paid' && view.act ? '_again' : '';
    const more = view.name === 'soldout' && view.more ? '_more' : view.name === 'won' && !pay ? '_shop' : '';
    text(head, say(`buy_${view.name}`, ...put));
    text(next, say(`buy_${view.name}_next${more}`, ...(more === '_more' ? [moment(view.more)] : put)));
    const label = waits && !view.act && words[`buy_${view.name}_wait`] ? `buy_${view.name}_wait` : `buy_${view.name}_go${unpayable}`;
    text(go, say(label, ...put));
    const able = view.act && unpayable !== '_shop';
    go.setAttribute('aria-disabled', String(!able));
    root.dataset.view = view.name;
    root.dataset.state = buy.item.state;
    big(at, view, left);
    level();
    if (shown !== view.name) {
      shown = view.name;
      text(said, `${head.textContent}. ${next.textContent}`);
    }
  }

  function text(where, words) {
    if (where.textContent !== words) {
      where.textContent = words;
    }
  }

  const moment = (ms) => new Date(ms).toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });

  /** The one big figure: until it opens, until it must be paid, until it closes. */
  function big(at, view, left) {
    const paying = ['won', 'claim', 'claimlater'].includes(view.name);
    const { opensAt, closesAt, state } = buy.item;
    const soon = state === 'scheduled' && opensAt > at;
    const figure = paying ? left : state === 'ended' || closesAt <= at ? '' : countDown((soon ? opensAt : closesAt) - at);
    clock.hidden = !figure;
    text(clock.firstChild ?? clock.appendChild(element('span')), say(paying ? (view.name === 'won' ? 'clock_won' : 'clock_claim') : soon ? 'clock_opens' : 'clock_closes'));
    text(clock.children[1] ?? clock.appendChild(element('b')), figure);
    clock.classList.toggle('hot', paying || soon && opensAt - at < STARTING_MS);
  }

  function level() {
    const bar = root.querySelector('.level');
    const { state, level, asOf } = buy.item;
    const time = bar?.querySelector('time');
    if (time && asOf > Date.parse(time.dateTime)) {
      const there = inZoneOf(time.dateTime, asOf);
      time.dateTime = there;
      text(time, say('as_of', there.slice(11, 19)));
    }
    if (bar) {
      bar.hidden = state === 'ended';
    }
    if (bar && bar.dataset.level !== level) {
      bar.dataset.level = level;
      const word = bar.querySelector('span:not(.hush)');
      word.className = level;
      text(word, say(`level_${level}`));
    }
    const pill = root.querySelector('.pill span');
    if (pill && pill.className !== state) {
      pill.className = state;
      text(pill, say(`state_${state}`));
    }
  }

  // ---- what happens

  function happened(event) {
    const [after, effects] = step(buy, event, now());
    buy = after;
    for (const effect of effects) {
      if (effect.save) {
        memory.write(item.item, { user: buy.who, device: buy.device, key: buy.key, open: buy.open, order: buy.order });
      }
      if (effect.send) {
        socket?.send(JSON.stringify(effect.send));
      }
      if (effect.buzz && navigator.userActivation?.hasBeenActive) {
        navigator.vibrate?.(effect.buzz);
      }
    }
    render();
  }

  const ACTS = {
    shake: () => happened({ type: 'tap', key: uuid() }),
    remind: () => location.assign(`/items/${item.item}/remind.ics${location.search}`),
    pay: () => pay && location.assign(pay.replaceAll('{order}', encodeURIComponent(buy.order.order))),
    signin: () => signIn && location.assign(signIn.replaceAll('{page}', encodeURIComponent(location.href))),
    reload: () => location.reload(),
    here: () => {
      happened({ type: 'line', line: 'connecting' });
      connect();
    },
    claim,
  };

  go.addEventListener('click', () => ACTS[look(buy, now()).act]?.());

  async function claim() {
    const device = memory.read('device');
    const answer = await asked(`/api/v1/orders/${buy.order.order}/claim`, { method: 'POST',
      headers: { 'content-type': 'application/json' }, body: JSON.stringify({ device: device?.token }) }).catch(() => null);
    const body = await answer?.json().catch(() => null);
    if (answer?.ok) {
      happened({ type: 'claimed', order: { status: body.status, payBy: body.payBy } });
    } else {
      show(say('claim_failed', body?.detail ?? ''));
    }
  }

  function show(words) {
    notice.hidden = !words;
    text(notice, words);
  }

  // ---- who this is: pages are the same for all, so it is asked

  async function who() {
    let answer;
    try {
      answer = await asked('/api/v1/me');
    } catch {
      return false; // no network: as it was
    }
    if (answer.status !== 200 && answer.status !== 401) {
      return false;
    }
    const user = answer.ok ? (await answer.json()).user : null;
    const device = user === null && item.login === 'after';
    const changed = user !== buy.who;
    happened({ type: 'who', user, device });
    if (changed || kept) {
      recall(user, device, changed);
      greet(user, signIn, devLogin, words);
    }
    return true;
  }

  /** What this browser knows of this shopper and item; what a device won is the next user's to claim. */
  function recall(user, device, changed) {
    const mine = kept && (kept.user === user && !kept.device || kept.device && (device || kept.order?.claimBy));
    if (mine) {
      buy = { ...buy, key: kept.key, open: kept.open, order: kept.order };
    } else if (changed) { // what somebody else did here is nobody's business
      buy = fresh(buy.item, { who: user, device, line: buy.line });
    }
    kept = null;
    render();
  }

  async function deviceTicket() {
    let device = memory.read('device');
    if (!device || device.expiresAt < now() + 60_000) {
      device = await (await asked('/api/v1/devices', { method: 'POST' })).json();
      memory.write('device', device);
    }
    const answer = await asked('/api/v1/tickets', { method: 'POST', headers: { authorization: `Bearer ${device.token}` } });
    return (await answer.json()).ticket;
  }

  // ---- the line

  async function connect() {
    clearTimeout(timer);
    if (connecting || socket || buy.line === 'replaced') {
      return;
    }
    connecting = true;
    const goOn = await dial().catch(() => false);
    connecting = false;
    if (!goOn) {
      again();
    }
  }

  /** False: not now, so later. */
  async function dial() {
    if (!buy.who && !(await who())) { // may have signed in somewhere else meanwhile
      return false;
    }
    const { state, opensAt, closesAt, login } = buy.item;
    const early = opensAt - now() - 180_000;
    if (buy.who === null && login !== 'after' || !buy.open && !buy.order && (state === 'ended' || closesAt < now())) {
      return true; // nothing to hear there
    }
    if (state === 'scheduled' && early > 0) { // a socket for an hour of waiting helps nobody; not all come at once
      timer = setTimeout(connect, Math.min(2 ** 30, early + Math.random() * 60_000));
      return true;
    }
    happened({ type: 'line', line: 'connecting' });
    const ticket = buy.device ? `?ticket=${encodeURIComponent(await deviceTicket())}` : '';
    const made = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/shake${ticket}`, 'shake.v1');
    socket = made;
    made.onmessage = ({ data }) => heard(JSON.parse(data));
    made.onclose = ({ code, reason }) => lost(made, code, reason);
    return true;
  }

  function again(toldMs) {
    if (buy.line !== 'replaced' && !socket) {
      clearTimeout(timer);
      timer = setTimeout(connect, backOff(attempt++, Math.random(), toldMs));
    }
  }

  async function lost(which, code, reason) {
    if (which !== socket) {
      return;
    }
    socket = null;
    if (code === 4001) {
      happened({ type: 'line', line: 'replaced' });
      return;
    }
    const refused = !heardAt || code === 1008;
    failures = heardAt ? 0 : failures + 1;
    heardAt = 0;
    happened({ type: 'line', line: 'offline' });
    if (form && failures >= 3) {
      form.hidden = false; // sockets don't get through here: the plain way does
    }
    if (refused) {
      await who();
    }
    again(toldToWait(code, reason));
  }

  function heard(frame) {
    heardAt = Date.now();
    if (frame.type === 'welcome') {
      attempt = 0;
      failures = 0;
      ping();
    } else if (frame.type === 'pong' && pinged) {
      sample({ sent: pinged, back: Date.now(), now: frame.now });
      pinged = 0;
    } else if (frame.type === 'notice' && (!frame.item || frame.item === item.item)) {
      show(frame.text);
    }
    happened(frame);
    if (frame.type === 'item' && frame.state !== 'open') {
      details();
    } else if (frame.type === 'outcome' && frame.outcome === 'limit_reached') {
      mine(frame.orders ?? []);
    }
  }

  /** An order of another window or the plain form: what it is doing, its owner says. */
  async function mine(orders) {
    const answer = orders.length ? await asked(`/api/v1/orders/${orders.at(-1)}`).catch(() => null) : null;
    const body = answer?.ok ? await answer.json() : null;
    if (body && !SETTLED.includes(body.status)) {
      buy = { ...buy, key: body.key };
      happened({ type: 'outcome', outcome: 'accepted', ...body });
    }
  }

  let pinged = 0;

  function ping() {
    if (socket?.readyState === 1) {
      pinged = Date.now();
      socket.send('{"type":"ping"}');
    }
  }

  function sample(one) {
    samples = [...samples, one].slice(-5);
    offset = clockOffset(samples);
    const by = skewOf(offset, say);
    text(skew, say(Math.abs(offset) < 100 ? 'clock_right' : offset > 0 ? 'clock_behind' : 'clock_ahead', by));
  }

  /** What frames don't say: the next portion; and all of it for who has no socket. */
  async function details() {
    const answer = await fetch(`/api/v1/items/${item.item}`).catch(() => null);
    if (answer?.ok) {
      const { state, level, asOf, nextReleaseAt = 0 } = await answer.json();
      buy = { ...buy, item: { ...buy.item, nextReleaseAt } };
      if (buy.line !== 'online') {
        happened({ type: 'item', item: item.item, state, level, asOf });
      }
    }
  }

  // ---- shaking is a tap; where the phone must ask first, it asks before the opening

  const motions = globalThis.DeviceMotionEvent;
  const isShake = shakeDetector();

  function listen() {
    addEventListener('devicemotion', ({ accelerationIncludingGravity: a, timeStamp: t }) => {
      if (a?.x != null && isShake({ x: a.x, y: a.y, z: a.z, t }) && look(buy, now()).act === 'shake') {
        ACTS.shake();
      }
    });
    text(motion, say('motion_on'));
    motion.setAttribute('aria-disabled', 'true');
  }

  if (motions?.requestPermission) {
    motion.hidden = false;
    text(motion, say('motion_ask'));
    motion.addEventListener('click', async () => {
      const answer = await motions.requestPermission().catch(() => 'denied');
      return answer === 'granted' ? listen() : text(motion, say('motion_denied'));
    }, { once: true });
  } else if (motions && matchMedia('(pointer: coarse)').matches) {
    motion.hidden = false;
    listen();
  }

  // ---- a phone is locked, loses its network, comes back from another page

  function back() {
    if (document.visibilityState === 'hidden') {
      return;
    }
    render();
    if (socket) {
      const before = heardAt;
      ping();
      setTimeout(() => heardAt === before && socket?.close(), 3_000);
    } else {
      connect();
    }
  }

  addEventListener('online', () => {
    attempt = 0;
    back();
  });
  addEventListener('offline', () => drop());
  addEventListener('pageshow', (e) => e.persisted && restored());
  addEventListener('pagehide', () => drop());
  document.addEventListener('visibilitychange', back);

  /** As it was left, perhaps hours ago, from the browser's back-forward cache: all of it is asked anew, the line or not. */
  async function restored() {
    kept = memory.read(item.item); // another page of this browser may have gone on
    drop(); // a line that came up on the way into the cache is long dead
    happened({ type: 'line', line: 'connecting' });
    askTime().then((first) => first && sample(first));
    await Promise.all([details(), who()]);
    connect();
  }

  function drop() {
    const open = socket;
    socket = null;
    heardAt = 0;
    open?.close();
    if (buy.line !== 'replaced') {
      happened({ type: 'line', line: 'offline' });
      again();
    }
  }

  setInterval(() => happened({ type: 'tick' }), 250);
  setInterval(ping, 20_000);
  setInterval(() => {
    const long = look(buy, now()).name === 'remind' && Math.random() < 0.9; // about once a minute will do
    if (!socket && !long && document.visibilityState === 'visible' && buy.item.state !== 'ended') {
      details();
    }
  }, 5_000 + Math.random() * 2_000);
  render();
  askTime().then((first) => first && sample(first));
  connect();
  return { happened, state: () => buy };
}

/** Who is signed in, or how to: in the head of every page. */
function greet(user, signIn, devLogin, words) {
  const place = document.querySelector('.who');
  if (!place) {
    return;
  }
  place.replaceChildren();
  if (user !== null) {
    place.append(fill(words.signed_in, ''), element('bdi', { textContent: user }));
  } else if (signIn) {
    place.append(element('a', { href: signIn.replaceAll('{page}', encodeURIComponent(location.href)), textContent: words.sign_in }));
  } else if (devLogin) {
    place.append(devForm(words));
  }
}

/** For trying things out on one's own machine: the token becomes the cookie that the shop would set. */
function devForm(words) {
  const name = element('input', { name: 'user', required: true, maxLength: 64, autocomplete: 'username', placeholder: words.dev_user });
  name.setAttribute('aria-label', words.dev_user);
  const form = element('form', { className: 'dev' }, name, element('button', { textContent: words.sign_in }));
  form.addEventListener('submit', async (e) => {
    e.preventDefault();
    const answer = await asked('/dev/login', { method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: name.value }) }).catch(() => null);
    if (answer?.ok) {
      document.cookie = `stampede=${(await answer.json()).token}; path=/; samesite=strict`;
      location.reload();
    }
  });
  return form;
}

// ---- lists of sessions and items: count down, and read themselves anew

function listPage({ signIn, devLogin, words }) {
  let offset = 0;
  const now = () => Date.now() + offset;
  let readAt = now() + 25_000 + Math.random() * 10_000;

  asked('/api/v1/me').then(async (answer) => greet(answer.ok ? (await answer.json()).user : null, signIn, devLogin, words)).catch(() => {});

  askTime().then((sample) => {
    offset = sample ? clockOffset([sample]) : 0;
  });

  setInterval(() => {
    let soonest = Infinity;
    for (const each of document.querySelectorAll('[data-count]')) {
      const left = +each.dataset.count - now();
      if (left > 0 && left < 86_400_000) {
        each.textContent = countDown(left);
      }
      soonest = left > -500 ? Math.min(soonest, +each.dataset.count) : soonest;
    }
    readAt = Math.min(readAt, soonest + 1_000 + Math.random() * 2_000);
    if (now() >= readAt && document.visibilityState === 'visible') {
      readAt = now() + 25_000 + Math.random() * 10_000;
      readAnew();
    }
  }, 1_000);

  async function readAnew() {
    const answer = await fetch(location.href).catch(() => null);
    const main = document.querySelector('main');
    if (answer?.ok && !main.contains(document.activeElement)) {
      main.replaceChildren(...new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main').childNodes);
      tabs();
      if (location.hash) { // what it names is a new element now
        const { scrollX, scrollY } = globalThis;
        location.replace(location.hash);
        scrollTo(scrollX, scrollY);
      }
    }
  }

  function tabs() {
    for (const tab of document.querySelectorAll('.tabs a')) {
      if (tab.hash === (location.hash || '#all')) {
        tab.setAttribute('aria-current', 'true');
      } else {
        tab.removeAttribute('aria-current');
      }
    }
  }

  addEventListener('hashchange', tabs);
  addEventListener('pageshow', (e) => e.persisted && readAnew());
  tabs();
}

if (globalThis.document?.body?.dataset.words) {
  settings().then((all) => {
    const root = document.getElementById('buy');
    return root ? itemPage(root, all) : listPage(all);
  }).catch(() => {}); // no words, no module: the plain page does
}
