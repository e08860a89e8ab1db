// Members, who owns which partition, how far MySQL is, what the shop is told, and what nodes raised an alarm about.
import { Alert, Badge, Component, age, dateTime, html, may, ms, number, polling } from './ui.js';
import { CommandDialog } from './form.js';
import { wire } from './wire.js';

const ALARMS_SHOWN = 20;

export class Cluster extends Component {
  state = { cluster: null, drain: null, webhooks: null, alarms: [], heardAt: 0, dialog: null, fault: null };

  componentDidMount() {
    this.stop = polling(this, () => this.look(), 1_000);
    this.stopShop = polling(this, () => this.shop(), 5_000);
    this.untap = wire.tap('cluster', (cluster) => this.setState({ cluster, heardAt: Date.now() }));
    this.unalarm = wire.tap('alarms', (alarm) => this.setState({ alarms: [alarm, ...this.state.alarms].slice(0, ALARMS_SHOWN) }));
  }

  componentWillUnmount() {
    this.stop();
    this.stopShop();
    this.untap();
    this.unalarm();
  }

  async look() {
    if (wire.connected) {
      const [cluster, drain] = await Promise.all([wire.send('admin.cluster'), wire.send('admin.drain')]);
      this.setState({ cluster, drain, heardAt: Date.now(), fault: null });
    }
  }

  async shop() {
    if (wire.connected) {
      const [{ alarms }, webhooks] = await Promise.all([wire.send('admin.alarms'), wire.send('admin.webhooks')]);
      this.setState({ alarms: alarms.slice(0, ALARMS_SHOWN), webhooks });
    }
  }

  render(props, { cluster, drain, webhooks, alarms, heardAt, dialog, fault }) {
    if (!cluster) {
      return html`<h1>Cluster</h1><${Alert} fault=${fault} /><p>Looking …</p>`;
    }
    const drains = new Map((drain?.partitions ?? []).map((each) => [each.partition, each]));
    const sinceMs = Date.now() - heardAt;
    const nodes = cluster.members.filter(({ kind }) => kind === 'sale').length;
    return html`
      <div class="bar"><h1>Cluster</h1><${Badge} text=${cluster.safe ? 'every partition is served' : 'a partition is not served'} tone=${cluster.safe ? 'good' : 'bad'} /><span class=${`help ${sinceMs > 3_000 ? 'stale' : ''}`}>${age(sinceMs)} old</span></div>
      <${Alert} fault=${fault} />
      <section aria-labelledby="members-title"><h2 id="members-title">Members</h2><ul class="members">${cluster.members.map((each) => html`<li key=${each.name}><b>${each.name}</b> <${Badge} text=${each.kind} /><small>${[each.address, each.pid && `pid ${each.pid}`].filter(Boolean).join(' · ')}</small></li>`)}</ul></section>
      <section aria-labelledby="partitions-title"><h2 id="partitions-title">Partitions</h2>
        <div class="scroll" tabindex="0" role="group" aria-label="Partitions"><table><thead><tr><th class="num">#</th><th>Status</th><th>Owner</th><th class="num">Epoch</th><th class="num">Position</th><th class="num">Drained</th><th class="num">Lag</th><th>Drain</th><th>Compared</th><th class="num">Age</th><th><span class="hidden">Steps</span></th></tr></thead>
        <tbody>${cluster.partitions.map((each) => {
          const own = drains.get(each.partition);
          const found = own?.reconcile;
          return html`<tr key=${each.partition} data-partition=${each.partition} class=${(each.ageMs ?? 0) + sinceMs > 3_500 ? 'stale' : ''}><td class="num">${each.partition}</td><td><${Badge} text=${each.status} /></td><td>${each.owner ?? '–'}</td><td class="num">${number(each.epoch)}</td><td class="num">${number(each.position)}</td>
            <td class="num">${number(each.drained)}</td><td class="num">${ms(each.lagMs)}</td><td>${each.drainStatus ? html`<${Badge} text=${each.drainStatus} />` : '–'}${own?.error && html`<small class="fault">${own.error}</small>`}</td>
            <td>${found ? (found.differences > 0 ? html`<${Badge} text=${`${found.differences} ${found.differences === 1 ? 'differs' : 'differ'}`} tone="bad" />` : html`to ${number(found.checked)}`) : '–'}</td><td class="num">${each.ageMs === null ? '–' : age(each.ageMs + sinceMs)}</td>
            <td class="steps">${each.drainStatus === 'halted' && may('admin.drain.retry') && html`<button type="button" aria-label=${`Retry the drain of partition ${each.partition}`} onClick=${() => this.setState({ dialog: { address: 'admin.drain.retry', verb: 'Retry', title: `Retry the drain of partition ${each.partition}`, fixed: { partition: each.partition } } })}>Retry</button>`}
              ${may('admin.partition.handover') && each.status === 'serving' && html`<button type="button" class="quiet" aria-label=${`Hand over partition ${each.partition}`} onClick=${() => this.setState({ dialog: {
                address: 'admin.partition.handover', verb: 'Hand over', title: `Hand partition ${each.partition} over`, fixed: { partition: each.partition },
                intro: nodes > 1 ? `${each.owner} answers what it has decided and lets another node own it; shakes wait for a moment, nothing is lost.` : 'There is no other sale node: it will be refused.' } })}>Hand over</button>`}</td></tr>`;
        })}</tbody></table></div></section>
      ${webhooks && html`<section aria-labelledby="hooks-title"><h2 id="hooks-title">Webhooks</h2>
        <dl class="wide"><div><dt>Sending</dt><dd>${webhooks.on ? 'on' : 'off'}</dd></div><div><dt>Waiting</dt><dd>${number(webhooks.pending)}${webhooks.more && '+'}</dd></div><div><dt>Oldest</dt><dd>${ms(webhooks.oldestAgeMs)}</dd></div><div><dt>Parked</dt><dd>${number(webhooks.parked)}</dd></div></dl>
        ${webhooks.lastError && html`<p class="fault">${webhooks.lastError}</p>`}
        ${webhooks.parked > 0 && html`<table class="short"><thead><tr><th>Message</th><th>About</th><th class="num">Tries</th><th>Error</th></tr></thead><tbody>${webhooks.first.map((each) => html`<tr key=${each.id}><td>${each.type}</td><td>${each.order ?? each.item}</td><td class="num">${each.attempts}</td><td>${each.error}</td></tr>`)}</tbody></table>`}
        ${webhooks.parked > 0 && may('admin.webhooks.retry') && html`<div class="buttons"><button type="button" onClick=${() => this.setState({ dialog: { address: 'admin.webhooks.retry', verb: 'Send again', title: 'Send parked messages again', fixed: {} } })}>Send parked messages again</button></div>`}</section>`}
      <section aria-labelledby="alarms-title"><h2 id="alarms-title">Alarms</h2>${alarms.length === 0 ? html`<p class="help">None since this edge started.</p>` : html`
        <div class="scroll" tabindex="0" role="group" aria-label="Alarms"><table><thead><tr><th>When</th><th>Node</th><th>Code</th><th class="num">Partition</th><th>Detail</th></tr></thead>
        <tbody>${alarms.map((each) => html`<tr key=${`${each.node} ${each.code} ${each.partition} ${each.at}`}><td class="nowrap">${dateTime(each.at)}</td><td class="nowrap">${each.node}</td><td class="nowrap">${each.code}</td><td class="num">${each.partition ?? '–'}</td><td>${each.detail}${each.leftOut > 0 && html`<small>and ${number(each.leftOut)} more like it before</small>`}</td></tr>`)}</tbody></table></div>`}</section>
      ${dialog && html`<${CommandDialog} ...${dialog} only=${[]} onDone=${() => this.look().catch(() => null)} onClose=${() => this.setState({ dialog: null })} />`}`;
  }
}
