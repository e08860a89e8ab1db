// One order, from its owner or from what was drained.
import { Alert, Badge, Component, dateTime, html, money } from './ui.js';
import { wire } from './wire.js';

const TIMES = ['acceptedAt', 'payBy', 'paidAt', 'releasedAt', 'claimBy', 'claimedAt', 'asOf', 'refundAt'];

export class Orders extends Component {
  state = { id: '', order: null, fault: null };

  find = async (event) => {
    event.preventDefault();
    try {
      this.setState({ order: await wire.send('admin.order.get', { order: this.state.id.trim() }), fault: null });
    } catch (fault) {
      this.setState({ order: null, fault });
    }
  };

  render(props, { id, order, fault }) {
    return html`<h1>Orders</h1>
      <form class="bar" role="search" onSubmit=${this.find}><label for="order">Order id</label><input id="order" inputmode="numeric" autocomplete="off" value=${id} onInput=${(e) => this.setState({ id: e.target.value })} /><button class="primary" disabled=${id.trim() === ''}>Find</button></form>
      <${Alert} fault=${fault} />
      ${order && html`<section class="panel found" aria-label="The order"><div class="bar"><h2>Order ${order.order}</h2><${Badge} text=${order.status} /></div>
        <dl class="wide">${Object.entries(order).filter(([name, value]) => value !== null && value !== '' && !['order', 'status'].includes(name)).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${TIMES.includes(name) ? (value ? dateTime(value) : '–') : name === 'price' ? money(value, order.currency) : String(value)}</dd></div>`)}</dl></section>`}`;
  }
}
