// Orders: one by its id, from its owner or from what was drained; those of a user or of one key, from what was drained.
import { Alert, Badge, Component, dateTime, html, money, number } from './ui.js';
import { wire } from './wire.js';

const TIMES = ['acceptedAt', 'payBy', 'paidAt', 'releasedAt', 'claimBy', 'claimedAt', 'asOf', 'refundAt'];
const ASKED = [['user', 'User'], ['item', 'Item'], ['key', 'Key']];

export class Orders extends Component {
  state = { id: '', user: '', item: '', key: '', order: null, list: null, fault: null };

  find = (event) => {
    event.preventDefault();
    return this.open(this.state.id.trim());
  };

  async open(id) {
    try {
      this.setState({ id, order: await wire.send('admin.order.get', { order: id }), fault: null });
    } catch (fault) {
      this.setState({ order: null, fault });
    }
  }

  search = (event) => {
    event.preventDefault();
    return this.page('');
  };

  async page(after) {
    const asked = Object.fromEntries(ASKED.map(([name]) => [name, this.state[name]]).filter(([, text]) => text !== ''));
    try {
      const { orders, asOf, next } = await wire.send('admin.order.list', after ? { ...asked, after } : asked);
      const before = after ? this.state.list.orders : [];
      this.setState({ list: { orders: [...before, ...orders], asOf, next }, order: null, fault: null });
    } catch (fault) {
      this.setState({ list: null, order: null, fault });
    }
  }

  render(props, { id, user, order, list, fault, ...rest }) {
    return html`<h1>Orders</h1>
      <form class="bar" role="search" aria-label="By id" onSubmit=${this.find}><label for="order">Order id</label><input id="order" inputmode="numeric" autocomplete="off" value=${id} onInput=${(e) => this.setState({ id: e.target.value })} /><button class="primary" disabled=${id.trim() === ''}>Find</button></form>
      <form class="bar" role="search" aria-label="By user and key" onSubmit=${this.search}>${ASKED.map(([name, label]) => html`<label for=${`by-${name}`}>${label}</label><input id=${`by-${name}`} autocomplete="off" value=${name === 'user' ? user : rest[name]} onInput=${(e) => this.setState({ [name]: e.target.value })} />`)}<button disabled=${user === ''}>Search</button>
        <span class="help">A key is known by its user and item.</span></form>
      <${Alert} fault=${fault} />
      ${list && html`<section aria-labelledby="list-title"><h2 id="list-title"><span role="status">${list.orders.length === 0 ? 'No such order in MySQL' : `${number(list.orders.length)}${list.next ? '+' : ''} ${list.orders.length === 1 ? 'order' : 'orders'}`}, as of ${dateTime(list.asOf)}</span></h2>
        ${list.orders.length > 0 && html`<div class="scroll" tabindex="0" role="group" aria-label="Orders found"><table><thead><tr><th>Order</th><th>Status</th><th>User</th><th>Item</th><th>Key</th><th class="num">Units</th><th class="num">Price</th><th>Accepted</th></tr></thead>
          <tbody>${list.orders.map((each) => html`<tr key=${each.order}><td><button type="button" class="link" onClick=${() => this.open(each.order)}>${each.order}</button></td><td><${Badge} text=${each.status} /></td><td>${each.user}${each.claimedBy && html`<small>claimed by ${each.claimedBy}</small>`}</td><td>${each.item}</td><td>${each.key}</td><td class="num">${number(each.quantity)}</td><td class="num">${money(each.price, each.currency)}</td><td class="nowrap">${dateTime(each.acceptedAt)}</td></tr>`)}</tbody></table></div>`}
        ${list.next && html`<div class="buttons"><button type="button" onClick=${() => this.page(list.next)}>Show more</button></div>`}</section>`}
      ${order && html`<section class="panel found" aria-label="The order"><div class="bar"><h2>Order ${order.order}</h2><${Badge} text=${order.status} /></div>
        <dl class="wide">${Object.entries(order).filter(([name, value]) => value !== null && value !== '' && !['order', 'status'].includes(name)).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${TIMES.includes(name) ? (value ? dateTime(value) : '–') : name === 'price' ? money(value, order.currency) : String(value)}</dd></div>`)}</dl></section>`}`;
  }
}
