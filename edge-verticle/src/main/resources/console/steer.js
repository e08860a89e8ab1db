// Steering: each change asks for its reason, says what it did, and shows its entry in the audit.
import { Alert, Badge, Component, clock, html, may, number, polling, session } from './ui.js';
import { CommandDialog } from './form.js';
import { wire } from './wire.js';

const ITEM = [
  { address: 'admin.item.pause', verb: 'Pause', when: (state) => state !== 'paused' && state !== 'ended' },
  { address: 'admin.item.resume', verb: 'Resume', when: (state) => state === 'paused' },
  { address: 'admin.item.gate', verb: 'Gate', only: ['gate'], intro: 'The part of the shakes that is passed on: 1 all, 0 none. Who is not let in hears “missed” and may shake again.' },
  { address: 'admin.item.cooldown', verb: 'Cooldown', only: ['cooldownMs'], intro: 'Between two shakes of one user; 0 = none.' },
  { address: 'admin.item.stock', verb: 'Add stock', only: ['add'] },
  { address: 'admin.item.message', verb: 'Message', only: ['text'], intro: 'Everybody who watches the item, or waits for an answer about it, reads this at once.' },
  { address: 'admin.item.close', verb: 'Close', danger: true, intro: 'For good: nobody can buy it any more, and nothing brings it back.' },
];
const SESSION = [
  { address: 'admin.session.pause', verb: 'Pause session' },
  { address: 'admin.session.resume', verb: 'Resume session' },
];

/** Buttons of what the role may do; each opens its dialog. */
export class Commands extends Component {
  state = { open: null };

  render({ commands, fixed, title, state: now, changed }, { open }) {
    const offered = commands.filter(({ address, when }) => may(address) && (!when || when(now)));
    return html`<div class="buttons">${offered.map((each) => html`<button type="button" key=${each.address} class=${each.danger ? 'danger' : ''} onClick=${() => this.setState({ open: each })}>${each.verb}</button>`)}
      ${offered.length === 0 && html`<span class="help">Your role, ${session.role}, only looks.</span>`}</div>
      ${open && html`<${CommandDialog} ...${open} fixed=${fixed} title=${`${open.verb}: ${title}`} onDone=${changed} onClose=${() => this.setState({ open: null })} />`}`;
  }
}

/** One item: what it is set to, and what can be done with it. */
export class ItemPanel extends Component {
  state = { now: null, fault: null };

  componentDidMount() {
    this.stop = polling(this, () => this.look(), 3_000);
  }

  componentWillUnmount() {
    this.stop();
  }

  async look() {
    if (wire.connected) {
      this.setState({ now: await wire.send('admin.item.get', { item: this.props.figures.item }), fault: null });
    }
  }

  render({ figures, known, changed, children }, { now, fault }) {
    const title = known?.title ?? now?.title ?? `Item ${figures.item}`;
    const again = () => {
      this.look().catch((e) => this.setState({ fault: e }));
      changed();
    };
    return html`<section class="panel" aria-labelledby="panel-title" data-panel="item">
      <div class="bar"><h2 id="panel-title">${title}</h2><${Badge} text=${figures.state} /></div>
      <${Alert} fault=${fault} />
      <dl><div><dt>Gate</dt><dd data-set="gate">${now ? now.gate : '–'}</dd></div><div><dt>Cooldown</dt><dd>${now ? `${number(now.cooldownMs)} ms` : '–'}</dd></div>
        <div><dt>Partition</dt><dd>${figures.partition}</dd></div><div><dt>Next portion</dt><dd>${now?.nextReleaseAt ? clock(now.nextReleaseAt) : 'none'}</dd></div></dl>
      ${children}
      <${Commands} commands=${ITEM} fixed=${{ item: figures.item }} title=${title} state=${figures.state} changed=${again} />
      ${known && html`<${Commands} commands=${SESSION} fixed=${{ session: known.session }} title=${known.sessionTitle} changed=${again} />`}
    </section>`;
  }
}

/** What is about no item: users and limits. */
export class Steering extends Component {
  state = { limits: null, setting: null, fault: null };

  async limits(open) {
    if (open) {
      try {
        this.setState({ limits: (await wire.send('admin.limits')).limits, fault: null });
      } catch (fault) {
        this.setState({ fault });
      }
    }
  }

  render(props, { limits, setting, fault }) {
    return html`
      <section class="panel" aria-labelledby="user-title"><h2 id="user-title">Users</h2>
        <${Commands} commands=${[{ address: 'admin.user.block', verb: 'Block a user', danger: true }, { address: 'admin.user.unblock', verb: 'Unblock a user' }]} fixed=${{}} title="a user" changed=${() => {}} /></section>
      <section class="panel"><details onToggle=${(e) => this.limits(e.target.open)}><summary><h2>Limits of the crowd</h2></summary>
        <${Alert} fault=${fault} />
        ${limits && html`<table><thead><tr><th>Limit</th><th class="num">Now</th><th class="num">Config</th><th><span class="hidden">Change</span></th></tr></thead><tbody>${limits.map((each) => html`
          <tr key=${each.limit}><td>${each.limit}</td><td class="num">${number(each.now)}${each.live !== null && html` <${Badge} text="set" tone="warn" />`}</td><td class="num">${number(each.config)}</td>
          <td>${may('admin.limits.set') && html`<button type="button" class="quiet" aria-label=${`Set ${each.limit}`} onClick=${() => this.setState({ setting: each })}>Set</button>`}</td></tr>`)}</tbody></table>`}
      </details></section>
      ${setting && html`<${CommandDialog} address="admin.limits.set" title=${`Set ${setting.limit}`} intro=${`From ${setting.min} to ${number(setting.max)}, or “default” for each edge's own config.`} fixed=${{ limit: setting.limit }} known=${{ value: String(setting.now) }} only=${['value']} verb="Set"
        onDone=${() => setTimeout(() => this.limits(true), 1_200)} onClose=${() => this.setState({ setting: null })} />`}`;
  }
}

/** Changes that wait for a second admin. */
export class Pending extends Component {
  state = { pending: [], approving: null, fault: null };

  componentDidMount() {
    this.stop = polling(this, () => this.look(), 2_000);
  }

  componentWillUnmount() {
    this.stop();
  }

  async look() {
    if (wire.connected) {
      this.setState({ pending: (await wire.send('admin.pending')).pending, fault: null });
    }
  }

  render(props, { pending, approving, fault }) {
    if (pending.length === 0 && !fault && !approving) {
      return null;
    }
    return html`<section class="panel" aria-labelledby="pending-title" data-panel="pending"><h2 id="pending-title">Waiting for a second admin</h2>
      <${Alert} fault=${fault} />
      <ul class="plain">${pending.map((each) => html`<li key=${each.pending}><b>${each.address.replace('admin.', '')}</b> ${said(each.body)}<small>by ${each.by}, until ${clock(each.expiresAt)}${each.body.reason && html`, “${each.body.reason}”`}</small>
        ${may('admin.approve') && (each.by === session.name ? html`<span class="help">yours; somebody else approves it</span>` : html`<button type="button" onClick=${() => this.setState({ approving: each })}>Approve</button>`)}</li>`)}</ul>
      ${approving && html`<${CommandDialog} address="admin.approve" title=${`Approve ${approving.address} of ${approving.by}`} intro=${said(approving.body)} fixed=${{ pending: approving.pending }} only=${[]} askReason=${false} verb="Approve"
        onDone=${() => this.look()} onClose=${() => this.setState({ approving: null })} />`}
    </section>`;
  }
}

const said = (body) => Object.entries(body).filter(([name]) => name !== 'key' && name !== 'reason').map(([name, value]) => `${name} ${value}`).join(', ');
