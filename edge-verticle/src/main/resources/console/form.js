// Forms made of an address's own schema, so that a form and what the server takes can't differ.
import { Alert, Change, Component, Dialog, html, schemaOf } from './ui.js';
import { newKey, wire } from './wire.js';

const LABELS = {
  opensAt: 'Opens at', closesAt: 'Closes at', limitPerUser: 'Limit per user', limitPerOrder: 'Limit per order', limitPerSession: 'Limit per session',
  payWithinSeconds: 'Pay within (seconds)', cooldownMs: 'Cooldown (ms)', listPrice: 'List price', claimWithinSeconds: 'Claim within (seconds)',
  gate: 'Gate: part let through', add: 'Units to add', csv: 'CSV',
  expectedPerSecond: 'Expected shakes a second', text: 'Text',
};
const FORCES = { 'admin.session.publish': 'Publish in spite of red lines, because', 'admin.session.archive': 'Archive within 24 hours all the same, because' };
const label = (name, address) => (name === 'force' ? FORCES[address] : LABELS[name]) ?? name.charAt(0).toUpperCase() + name.slice(1).replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
const types = (schema) => [schema.type].flat();
const isTime = (schema) => types(schema).includes('integer') && types(schema).includes('string') && /epoch ms/.test(schema.description ?? '');
const isReleases = (schema) => schema.type === 'array' && schema.items?.properties?.units;

/** What an input holds, as the member it means; undefined = nothing is said. Throws what can't be meant. */
function meant(schema, text) {
  if (text === '' || text === undefined) {
    return undefined;
  }
  if (schema.type === 'boolean') {
    return text === true ? true : undefined;
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    if (!/^-?\d+(\.\d+)?$/.test(text)) {
      throw new Error('must be a number');
    }
    return Number(text);
  }
  if (isReleases(schema)) {
    return text.split('\n').filter((line) => line.trim()).map((line) => {
      const [at, units] = line.trim().split(/\s+/);
      if (!/^\d+$/.test(units ?? '')) {
        throw new Error('a line is a time and units: 2026-11-29T10:30 100');
      }
      return { at: /^\d+$/.test(at) ? Number(at) : at, units: Number(units) };
    });
  }
  if (schema.type === 'array' || schema.type === 'object') {
    return JSON.parse(text);
  }
  const mayBeNumber = types(schema).includes('integer');
  return mayBeNumber && /^-?\d+$/.test(text) ? Number(text) : text;
}

function Input({ id, schema, value, onInput, describedBy, invalid, required }) {
  const common = { id, value, 'aria-describedby': describedBy, 'aria-invalid': invalid ? 'true' : undefined, 'aria-required': required ? 'true' : undefined, onInput: (e) => onInput(e.target.value) };
  if (schema.enum) {
    return html`<select ...${common}>${!required && html`<option value="">–</option>`}${schema.enum.map((word) => html`<option value=${word}>${word}</option>`)}</select>`;
  }
  if (schema.type === 'boolean') {
    return html`<input type="checkbox" id=${id} checked=${value === true} onChange=${(e) => onInput(e.target.checked)} />`;
  }
  if (isTime(schema)) {
    return html`<input type="datetime-local" ...${common} />`;
  }
  if (schema.type === 'array' || schema.type === 'object' || schema.maxLength > 1000) {
    return html`<textarea rows=${schema.maxLength > 1000 ? 10 : 3} ...${common} placeholder=${isReleases(schema) ? '2026-11-29T10:30 100' : schema.type === 'array' ? '["1001"]' : ''}></textarea>`;
  }
  const digits = schema.type === 'integer' || schema.type === 'number';
  return html`<input type="text" inputmode=${digits ? 'decimal' : undefined} autocomplete="off" maxlength=${schema.maxLength} ...${common} />`;
}

/**
 * A form for one address.
 *
 * props: address; fixed: members not asked for; known: what inputs begin with; only, without: names shown or left out; askReason; verb;
 * changedOnly: what was not touched is not sent; done(reply, body); also: what stands between form and button
 */
export class Form extends Component {
  state = { values: { ...this.props.known }, faults: {}, fault: null, busy: false };
  key = newKey();

  names() {
    const { address, fixed = {}, only, without = [], askReason } = this.props;
    const all = Object.keys(schemaOf(address).properties).filter((name) => !(name in fixed) && name !== 'key' && !without.includes(name));
    const shown = only ? only.filter((name) => all.includes(name)) : all.filter((name) => name !== 'reason');
    return askReason && !shown.includes('reason') ? [...shown, 'reason'] : shown;
  }

  body() {
    const { address, fixed = {}, known = {}, changedOnly, askReason } = this.props;
    const schema = schemaOf(address);
    const body = { ...fixed };
    const faults = {};
    for (const name of this.names()) {
      const text = this.state.values[name];
      try {
        const value = meant(schema.properties[name], typeof text === 'string' ? text.trim() : text);
        const touched = !changedOnly || text !== known[name] || name === 'reason';
        if (value !== undefined && touched) {
          body[name] = value;
        } else if (value === undefined && (schema.required.includes(name) || (name === 'reason' && askReason))) {
          faults[name] = 'is missing';
        }
      } catch (e) {
        faults[name] = e.message;
      }
    }
    return { body, faults };
  }

  submit = async (event) => {
    event.preventDefault();
    const { address, done } = this.props;
    const { body, faults } = this.body();
    this.setState({ faults, fault: null });
    if (Object.keys(faults).length > 0) {
      this.focusFirst(faults);
      return;
    }
    if ('key' in schemaOf(address).properties) {
      body.key = this.key;
    }
    this.setState({ busy: true });
    try {
      const reply = await wire.send(address, body);
      this.key = newKey();
      this.setState({ busy: false });
      done?.(reply, body);
    } catch (fault) {
      if (fault.code !== 'not_connected' && fault.code !== 'no_reply' && fault.code !== 'unresolved') {
        this.key = newKey(); // what may have been done keeps its key, so that it is not done twice
      }
      const named = fault.field && this.names().includes(fault.field);
      this.setState({ busy: false, fault: named ? null : fault, faults: named ? { [fault.field]: fault.detail } : {} });
      if (named) {
        this.focusFirst({ [fault.field]: true });
      }
    }
  };

  focusFirst(faults) {
    const first = this.names().find((name) => name in faults);
    setTimeout(() => document.getElementById(this.id(first))?.focus(), 0);
  }

  id(name) {
    return `f-${this.props.address.replaceAll('.', '-')}-${name}`;
  }

  render({ address, verb = 'Send', danger, also }, { values, faults, fault, busy }) {
    const schema = schemaOf(address);
    return html`<form onSubmit=${this.submit} noValidate>
      <${Alert} fault=${fault} />
      <div class="fields">${this.names().map((name) => {
        const id = this.id(name);
        const type = schema.properties[name];
        const required = schema.required.includes(name) || (name === 'reason' && this.props.askReason);
        const help = type.description && !isTime(type) ? type.description : '';
        return html`<div class=${`field ${type.type === 'array' || type.maxLength > 200 ? 'long' : ''}`} key=${name}>
          <label for=${id}>${label(name, address)}${required && html` <span class="must" aria-hidden="true">*</span>`}</label>
          <${Input} id=${id} schema=${type} value=${values[name] ?? ''} required=${required} invalid=${faults[name]}
            describedBy=${faults[name] ? `${id}-fault` : help ? `${id}-help` : undefined}
            onInput=${(value) => this.setState({ values: { ...this.state.values, [name]: value } })} />
          ${faults[name] ? html`<span class="fault" id=${`${id}-fault`}>${faults[name]}</span>` : help && html`<span class="help" id=${`${id}-help`}>${help}</span>`}
        </div>`;
      })}</div>
      ${also}
      <div class="buttons"><button class=${danger ? 'danger' : 'primary'} disabled=${busy}>${busy ? 'Sending …' : verb}</button></div>
    </form>`;
  }
}

/** A change asked for in a dialog, with its reason; what became of it stays on the screen until it is closed. */
export class CommandDialog extends Component {
  state = { reply: null, entry: null };

  done = async (reply, body) => {
    this.setState({ reply, entry: null });
    this.props.onDone?.(reply);
    if (reply.pending) {
      return;
    }
    for (let look = 0; look < 8 && !this.over && !this.state.entry; look++) { // steering reaches the audit with the drain
      const audit = await wire.send('admin.audit', { newest: true, max: 20 }).catch(() => null);
      const entry = audit?.entries.find((each) => each.key === body.key);
      this.setState({ entry });
      await new Promise((later) => setTimeout(later, 500));
    }
  };

  componentWillUnmount() {
    this.over = true;
  }

  render({ title, intro, address, onClose, ...form }, { reply, entry }) {
    return html`<${Dialog} title=${title} onClose=${onClose}>
      ${intro && html`<p class="intro">${intro}</p>`}
      ${reply ? html`<${Done} reply=${reply} entry=${entry} address=${address} />` : html`<${Form} address=${address} askReason ...${form} done=${this.done} />`}
    <//>`;
  }
}

function Done({ reply, entry, address }) {
  return html`<div class="done" role="status">
    ${reply.pending
      ? html`<p><b>Waits for a second admin.</b> It runs out at ${new Date(reply.expiresAt).toLocaleTimeString('en-GB')}; until then another admin can approve it under Live.</p>`
      : html`<p><b>Done.</b> ${(reply.before || reply.after) && html`<${Change} before=${reply.before} after=${reply.after} millionths=${address === 'admin.item.gate'} />`}
          ${reply.missing?.length > 0 && html`<span class="fault">No answer from ${reply.missing.length} partitions; send it again.</span>`}</p>
        <p class="help">${entry ? html`In the audit as #${entry.audit}: ${entry.by}, ${entry.action}${entry.reason && html`, “${entry.reason}”`}.` : 'On its way to the audit …'}</p>`}
    <details><summary>Reply of ${address}</summary><pre>${JSON.stringify(reply, null, 2)}</pre></details>
  </div>`;
}
