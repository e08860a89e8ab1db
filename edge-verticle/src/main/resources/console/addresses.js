// Every address with its schema, a form that sends a message and shows the reply, and a tap on what is published.
import { Alert, Badge, Component, clock, html, may, session } from './ui.js';
import { Form } from './form.js';
import { wire } from './wire.js';

const FRAMES_MAX = 20;

export class Addresses extends Component {
  state = { filter: '', chosen: 'admin.ping', reply: null };

  render(props, { filter, chosen, reply }) {
    const { addresses, published } = session.schema;
    const shown = addresses.filter(({ address, says }) => `${address} ${says}`.includes(filter.trim().toLowerCase()));
    const one = addresses.find(({ address }) => address === chosen);
    const tap = published.find(({ address }) => address === chosen);
    return html`<h1>Addresses</h1><div class="split left">
      <section aria-label="All addresses"><label class="hidden" for="address-filter">Filter addresses</label><input id="address-filter" type="search" placeholder="Filter" value=${filter} onInput=${(e) => this.setState({ filter: e.target.value })} />
        <ul class="list">${shown.map(({ address, role, kind }) => html`<li key=${address}><button type="button" class="link" aria-pressed=${address === chosen} onClick=${() => this.setState({ chosen: address, reply: null })}>${address}</button> ${kind === 'change' && html`<${Badge} text=${role} tone=${may(address) ? 'info' : 'plain'} />`}</li>`)}</ul>
        <h2>Published</h2><ul class="list">${published.map(({ address }) => html`<li key=${address}><button type="button" class="link" aria-pressed=${address === chosen} onClick=${() => this.setState({ chosen: address })}>${address}</button></li>`)}</ul></section>
      ${tap ? html`<${Frames} key=${chosen} ...${tap} />` : html`<section class="panel" key=${chosen} aria-labelledby="address-title">
        <div class="bar"><h2 id="address-title">${one.address}</h2><${Badge} text=${one.kind} /> <${Badge} text=${one.role} tone="info" /></div><p>${one.says}</p>
        ${may(one.address) ? html`<${Form} address=${one.address} askReason=${one.kind === 'change'} verb="Send" danger=${one.kind === 'change'} done=${(told) => this.setState({ reply: told })} />` : html`<p class="help">It needs the role ${one.role}; yours is ${session.role}.</p>`}
        ${reply && html`<h3>Reply</h3><pre class="reply" tabindex="0" role="status">${JSON.stringify(reply, null, 2)}</pre>`}
        <details><summary>Schema of the body</summary><pre tabindex="0">${JSON.stringify(one.body, null, 2)}</pre></details>
      </section>`}</div>`;
  }
}

/** The last frames of what is published there, while it is tapped. */
class Frames extends Component {
  state = { frames: [], on: false, fault: null };

  componentWillUnmount() {
    this.untap?.();
  }

  toggle() {
    if (this.state.on) {
      this.untap();
    } else {
      this.untap = wire.tap(this.props.address, (body) => this.setState({ frames: [{ at: Date.now(), body }, ...this.state.frames].slice(0, FRAMES_MAX) }));
    }
    this.setState({ on: !this.state.on });
  }

  render({ address, says }, { frames, on, fault }) {
    return html`<section class="panel" aria-labelledby="address-title"><div class="bar"><h2 id="address-title">${address}</h2><${Badge} text="published" /></div><p>${says}</p><${Alert} fault=${fault} />
      <div class="buttons"><button type="button" class="primary" aria-pressed=${on} onClick=${() => this.toggle()}>${on ? 'Stop' : 'Tap'}</button></div>
      ${frames.map(({ at, body }) => html`<details key=${at} open=${at === frames[0].at}><summary>${clock(at)}</summary><pre tabindex="0">${JSON.stringify(body, null, 2)}</pre></details>`)}</section>`;
  }
}
