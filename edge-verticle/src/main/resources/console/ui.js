// What all views are made of: htm templates over preact, figures as text, badges, and a dialog.
import { Component, createRef, h, render } from './vendor/preact-10.29.8.module.js';
import htm from './vendor/htm-3.1.1.module.js';

export const html = htm.bind(h);
export { Component, createRef, render };

const ROLES = ['viewer', 'operator', 'admin'];
export const session = { name: '', role: 'viewer', expiresAt: 0, schema: null };

/** What a role may not do is not offered; it would be refused all the same. */
export function may(address) {
  const known = session.schema?.addresses.find((each) => each.address === address);
  return !known || ROLES.indexOf(session.role) >= ROLES.indexOf(known.role);
}

export function schemaOf(address) {
  return session.schema?.addresses.find((each) => each.address === address)?.body ?? { type: 'object', properties: {}, required: [] };
}

const whole = new Intl.NumberFormat('en');
export const number = (value) => (value === null || value === undefined ? '–' : whole.format(value));
export const ms = (value) => (value === null || value === undefined ? '–' : value < 10_000 ? `${whole.format(value)} ms` : `${whole.format(Math.round(value / 1000))} s`);
export const age = (valueMs) => (valueMs < 1_000 ? '< 1 s' : `${whole.format(Math.round(valueMs / 1000))} s`);

/** Epoch ms as `2026-11-29T10:00` where the zone is; what a local time is given back as. */
export function localTime(epochMs, zone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
    timeZone: zone || 'UTC', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(epochMs).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export function clock(epochMs) {
  return epochMs ? new Date(epochMs).toLocaleTimeString('en-GB') : '–';
}

export function dateTime(epochMs) {
  const at = new Date(epochMs);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')} ${clock(epochMs)}`;
}

export function money(minor, currency) {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  } catch {
    return `${minor} ${currency}`;
  }
}

const TONES = {
  open: 'good', serving: 'good', ok: 'good', green: 'good', paid: 'good', warm: 'good',
  paused: 'warn', yellow: 'warn', waiting: 'warn', held: 'warn', scheduled: 'info', published: 'info', draft: 'plain',
  sold_out: 'info', halted: 'bad', red: 'bad', no_owner: 'bad', silent: 'bad', failed: 'bad', closed: 'bad',
};

export function Badge({ text, tone }) {
  return html`<span class=${`badge ${tone ?? TONES[text] ?? 'plain'}`}>${String(text).replaceAll('_', ' ')}</span>`;
}

export function Alert({ fault }) {
  return fault && html`<div class="alert" role="alert"><strong>${fault.code ?? 'error'}</strong> ${fault.detail ?? fault.message}
    ${fault.lines?.length > 0 && html`<ul>${fault.lines.map((line) => html`<li>${lineText(line)}</li>`)}</ul>`}</div>`;
}

function lineText(line) {
  return line.problem ? `line ${line.line}, ${line.field}: ${line.problem}` : `${line.name} is ${line.light}: ${line.found}; ${line.todo}`;
}

/** A modal one: the browser keeps the focus in it, closes it on Escape, and gives the focus back. */
export class Dialog extends Component {
  box = createRef();

  componentDidMount() {
    this.box.current.showModal();
  }

  render({ title, children, onClose, wide }) {
    return html`<dialog ref=${this.box} class=${wide ? 'wide' : ''} aria-labelledby="dialog-title" onClose=${onClose}>
      <header><h2 id="dialog-title">${title}</h2><button type="button" class="quiet" aria-label="Close" onClick=${() => this.box.current.close()}>✕</button></header>
      ${children}
    </dialog>`;
  }
}

/** Changes as `state: open → paused`; `millionths`: a gate is told so. */
export function Change({ before, after, millionths }) {
  const text = (member, value) => (member === 'gate' && millionths ? plain(value / 1e6) : /At$/.test(member) && value > 1e12 ? dateTime(value) : plain(value));
  const members = Object.keys({ ...before, ...after });
  return html`<span class="change">${members.map((member) => {
    const from = before?.[member];
    const to = after?.[member];
    return JSON.stringify(from) !== JSON.stringify(to) && (from !== undefined || to !== '') && html`<span><b>${member}</b> ${from !== undefined && html`${text(member, from)} → `}${text(member, to)}</span>`;
  })}</span>`;
}

const plain = (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '–'));

/** That there is no connection is told once, by the shell, with the age of what is shown. */
export const isLost = (fault) => fault.code === 'not_connected';

/** Calls `look` now and every `everyMs` while it is shown and connected. */
export function polling(view, look, everyMs) {
  let over = false;
  const again = async () => {
    if (over) {
      return;
    }
    try {
      await look();
    } catch (fault) {
      if (!isLost(fault)) {
        view.setState({ fault });
      }
    }
    timer = setTimeout(again, everyMs);
  };
  let timer = setTimeout(again, 0);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
