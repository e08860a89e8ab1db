// What is happening now, over all edges: figures with their age, a quarter of an hour of them, the stock of each item.
import { Alert, Badge, Component, age, html, isLost, may, ms, number, polling } from './ui.js';
import { Chart, Spark } from './chart.js';
import { ItemPanel, Pending, Steering } from './steer.js';
import { wire } from './wire.js';

const SECONDS = 900;
const EVERY_MS = 400;
const STALE_MS = 1_500; // none should be older than a second; a hiccup makes nothing grey
const SPARKS_MAX = 19;
const OUTCOMES = [['accepted', '--c1'], ['sold_out', '--c2'], ['missed', '--c3'], ['throttled', '--c4'], ['others', '--c6']];

const put = (list, value) => {
  list.push(value);
  if (list.length > SECONDS) {
    list.shift();
  }
};

export class Live extends Component {
  state = { stats: null, heardAt: 0, sessions: [], selected: null, filter: '', fault: null, late: null };
  edition = 0; // of xs, series and lines, which change once a second
  xs = [];
  series = new Map();
  lines = new Map();

  componentDidMount() {
    this.stopFigures = polling(this, () => this.figures(), EVERY_MS);
    this.stopPolling = polling(this, () => this.look(), 5_000);
    this.unwire = wire.on(() => wire.connected && this.past());
    this.timer = setInterval(() => this.forceUpdate(), 500); // ages grow also while nothing comes
    this.past();
  }

  componentWillUnmount() {
    this.stopFigures();
    this.unwire();
    this.stopPolling();
    clearInterval(this.timer);
  }

  async figures() {
    if (wire.connected) {
      try {
        this.hear(await wire.send('admin.stats'));
      } catch (late) {
        this.setState({ late: isLost(late) ? null : late });
      }
    }
  }

  async look() {
    if (wire.connected) {
      const now = Date.now();
      const { sessions } = await wire.send('admin.session.list', { from: now - 2 * 86_400_000, to: now + 2 * 86_400_000 });
      this.setState({ sessions, fault: null });
    }
  }

  /** What was before this page was opened, and while it was not connected. */
  async past() {
    try {
      const stats = this.state.stats;
      const items = [...new Set([this.state.selected, ...(stats?.items ?? []).map(({ item }) => item)].filter(Boolean))].slice(0, SPARKS_MAX + 1);
      const known = await wire.send('admin.history', { items });
      const end = Math.floor(Date.now() / 1000);
      this.xs = Array.from({ length: known.seconds }, (_, i) => end - known.seconds + 1 + i);
      this.series = new Map(Object.entries({ ...known.perSecond, ...known.now }).filter(([, values]) => Array.isArray(values)));
      for (const [outcome, values] of Object.entries(known.perSecond.outcomes)) {
        this.series.set(`outcome ${outcome}`, values);
      }
      this.lines = new Map(Object.entries(known.items).filter(([, line]) => line.available));
      this.asked = stats !== null;
      this.edition++;
      this.setState({ fault: null });
    } catch (fault) {
      this.setState({ fault: isLost(fault) ? null : fault });
    }
  }

  hear(stats) {
    const missed = this.state.stats && stats.at - this.state.stats.at > 3_000;
    const at = Math.floor(Date.now() / 1000);
    if (this.xs.at(-1) !== at) {
      const length = this.xs.length;
      this.edition++;
      put(this.xs, at);
      const figures = {
        shakes: stats.perSecond.shakes, accepted: stats.perSecond.accepted, paid: stats.perSecond.paid, released: stats.perSecond.released,
        available: stats.available.value, held: stats.held.value, sold: stats.sold.value, queue: stats.queue.value,
        drainLagMs: stats.drainLagMs.value, sockets: stats.sockets.value, eventLoopDelayMs: stats.eventLoopDelayMs.value,
        ...Object.fromEntries(Object.entries(stats.perSecond.outcomes).map(([outcome, count]) => [`outcome ${outcome}`, count])),
      };
      for (const [name, value] of Object.entries(figures)) {
        if (!this.series.has(name)) {
          this.series.set(name, Array(length).fill(0));
        }
        put(this.series.get(name), value);
      }
      for (const { item, available, held, sold } of stats.items) {
        const line = this.lines.get(item) ?? { available: Array(length).fill(null), held: Array(length).fill(null), sold: Array(length).fill(null) };
        this.lines.set(item, line);
        put(line.available, available);
        put(line.held, held);
        put(line.sold, sold);
      }
    }
    this.setState({ stats, heardAt: Date.now(), late: null });
    if (missed || (!this.asked && stats.items.length > 0)) {
      this.past();
    }
  }

  values(name) {
    return this.series.get(name) ?? Array(this.xs.length).fill(0);
  }

  outcomes() {
    const named = OUTCOMES.slice(0, -1).map(([name]) => name);
    const others = Array(this.xs.length).fill(0);
    for (const [name, values] of this.series) {
      if (name.startsWith('outcome ') && !named.includes(name.slice(8))) {
        values.forEach((value, i) => { others[i] += value ?? 0; });
      }
    }
    return OUTCOMES.map(([name, colour]) => ({ label: name.replace('_', ' '), colour, values: name === 'others' ? others : this.values(`outcome ${name}`) }));
  }

  tiles(stats, sinceMs) {
    const { perSecond } = stats;
    const edges = Math.max(0, ...stats.edges.filter(({ ageMs }) => ageMs <= 3_000).map(({ ageMs }) => ageMs));
    const owners = stats.held.ageMs;
    const tile = (label, value, ageMs, tone) => ({ label, value, ageMs: ageMs + sinceMs, tone });
    return [
      tile('shakes / s', number(perSecond.shakes), edges),
      tile('accepted / s', number(perSecond.accepted), owners),
      tile('paid / s', number(perSecond.paid), owners),
      tile('released / s', number(perSecond.released), owners),
      tile('units held', number(stats.held.value), owners),
      tile('units sold', number(stats.sold.value), owners),
      tile('queue', number(stats.queue.value), stats.queue.ageMs),
      tile('drain lag', ms(stats.drainLagMs.value), stats.drainLagMs.ageMs, stats.drainLagMs.value > 5_000 ? 'bad' : ''),
      tile('sockets', number(stats.sockets.value), stats.sockets.ageMs),
      tile('loop delay', ms(stats.eventLoopDelayMs.value), stats.eventLoopDelayMs.ageMs, stats.eventLoopDelayMs.value > 200 ? 'bad' : ''),
    ];
  }

  render(props, { stats, heardAt, sessions, selected, filter, fault, late }) {
    const { edition } = this;
    if (!stats) {
      return html`<h1>Live</h1><${Alert} fault=${fault ?? late} /><p>Waiting for the first figures …</p>`;
    }
    const sinceMs = Date.now() - heardAt;
    const titles = new Map(sessions.flatMap((each) => each.items.map((item) => [item.item, { ...item, sessionTitle: each.title, session: each.session }])));
    const wanted = filter.trim().toLowerCase();
    const items = stats.items.filter(({ item }) => item.includes(wanted) || (titles.get(item)?.title ?? '').toLowerCase().includes(wanted));
    const chosen = stats.items.find(({ item }) => item === selected);
    const line = this.lines.get(selected);
    return html`
      <h1 class="hidden">Live</h1>
      <${Alert} fault=${fault ?? late} />
      <section class="tiles" aria-label="Figures of all edges">${this.tiles(stats, sinceMs).map(({ label, value, ageMs, tone }) => html`
        <div class=${`tile ${ageMs > STALE_MS ? 'stale' : ''} ${tone ?? ''}`} key=${label} data-figure=${label}><span class="label">${label}</span><span class="value">${value}</span><span class="age">${age(ageMs)} old</span></div>`)}</section>
      <section class="charts" aria-label="The last 15 minutes">
        <${Chart} edition=${edition} title="Answers / s" xs=${this.xs} lines=${this.outcomes()} />
        <${Chart} edition=${edition} title="Orders / s" xs=${this.xs} lines=${[['accepted', '--c1'], ['paid', '--c2'], ['released', '--c3']].map(([name, colour]) => ({ label: name, colour, values: this.values(name) }))} />
        <${Chart} edition=${edition} title="Queue" xs=${this.xs} lines=${[{ label: 'waiting', colour: '--c4', values: this.values('queue') }]} />
        <${Chart} edition=${edition} title="Drain lag, ms" xs=${this.xs} lines=${[{ label: 'lag', colour: '--c5', values: this.values('drainLagMs') }]} />
        <${Chart} edition=${edition} title="Sockets" xs=${this.xs} lines=${[{ label: 'open', colour: '--c2', values: this.values('sockets') }]} />
        <${Chart} edition=${edition} title="Event-loop delay, ms" xs=${this.xs} lines=${[{ label: 'longest', colour: '--c3', values: this.values('eventLoopDelayMs') }]} />
      </section>
      <div class="split">
        <section class="items" aria-labelledby="items-title">
          <div class="bar"><h2 id="items-title">Items</h2><label class="hidden" for="item-filter">Filter items</label><input id="item-filter" type="search" placeholder="Filter by title or id" value=${filter} onInput=${(e) => this.setState({ filter: e.target.value })} /></div>
          ${items.length === 0 ? html`<p class="help">${stats.items.length === 0 ? 'Nothing is published yet.' : html`No item matches “${filter}”.`}</p>` : html`
          <div class="scroll" tabindex="0" role="group" aria-label="Items with their stock"><table><thead><tr><th>Item</th><th>State</th><th class="num">Available</th><th class="num">Held</th><th class="num">Sold</th><th class="num">Stock</th><th>Units</th><th>Last 15 min</th><th class="num">Age</th></tr></thead>
          <tbody>${items.map((each) => html`<tr key=${each.item} class=${`${each.item === selected ? 'chosen' : ''} ${each.ageMs + sinceMs > STALE_MS ? 'stale' : ''}`} data-item=${each.item}>
            <td><button type="button" class="link" aria-pressed=${each.item === selected} onClick=${() => this.setState({ selected: each.item })}>${titles.get(each.item)?.title ?? `Item ${each.item}`}</button><small>${each.item}${titles.has(each.item) && html` · ${titles.get(each.item).sessionTitle}`}</small></td>
            <td><${Badge} text=${each.state} /></td>
            <td class="num">${number(each.available)}</td><td class="num">${number(each.held)}</td><td class="num">${number(each.sold)}</td><td class="num">${number(each.stock)}</td>
            <td><${Units} ...${each} /></td>
            <td><${Spark} edition=${edition} values=${this.lines.get(each.item)?.available ?? []} /></td>
            <td class="num">${age(each.ageMs + sinceMs)}</td></tr>`)}</tbody></table></div>`}
        </section>
        <aside aria-label="Steering">
          ${chosen ? html`<${ItemPanel} key=${selected} figures=${chosen} known=${titles.get(selected)} changed=${() => this.look()}>
              ${line && html`<${Chart} edition=${edition} title="Units" height=${110} xs=${this.xs.slice(-line.available.length)} lines=${[['available', '--c2'], ['held', '--c3'], ['sold', '--c1']].map(([name, colour]) => ({ label: name, colour, values: line[name] }))} />`}
            <//>`
          : html`<section class="panel"><h2>Item</h2><p class="help">Choose an item to steer it.</p></section>`}
          ${may('admin.pending') && html`<${Pending} />`}
          <${Steering} />
        </aside>
      </div>
      <section class="edges" aria-labelledby="edges-title"><h2 id="edges-title">Edges</h2>
        <div class="scroll" tabindex="0" role="group" aria-label="Edges"><table><thead><tr><th>Edge</th><th class="num">Sockets</th><th class="num">Shakes since its start</th><th class="num">Queue</th><th class="num">Loop delay</th><th class="num">Age</th></tr></thead>
        <tbody>${stats.edges.map((edge) => html`<tr key=${edge.node} class=${edge.ageMs + sinceMs > STALE_MS ? 'stale' : ''}><td>${edge.node}</td><td class="num">${number(edge.sockets)}</td><td class="num">${number(edge.shakes)}</td><td class="num">${number(edge.queue)}</td><td class="num">${ms(edge.eventLoopDelayMs)}</td><td class="num">${age(edge.ageMs + sinceMs)}</td></tr>`)}</tbody></table></div></section>`;
  }
}

function Units({ available, held, sold, stock }) {
  const part = (units) => (stock > 0 ? (units / stock) * 100 : 0);
  return html`<svg class="units" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="sold" width=${part(sold)} height="8" /><rect class="held" x=${part(sold)} width=${part(held)} height="8" /><rect class="available" x=${part(sold + held)} width=${part(available)} height="8" /></svg>`;
}
