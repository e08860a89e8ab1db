// The shell: who is signed in, what is shown, and whether the figures are alive. A view is named in the address after `#`.
import { Component, html, render, session } from './ui.js';
import { me, wire } from './wire.js';
import { SignIn } from './signin.js';
import { Live } from './live.js';
import { Calendar } from './calendar.js';
import { Cluster } from './cluster.js';
import { Orders } from './orders.js';
import { Audit } from './audit.js';
import { Addresses } from './addresses.js';

const VIEWS = [['live', 'Live', Live], ['calendar', 'Calendar', Calendar], ['cluster', 'Cluster', Cluster], ['orders', 'Orders', Orders], ['audit', 'Audit', Audit], ['addresses', 'Addresses', Addresses]];
const viewNow = () => VIEWS.find(([name]) => location.hash.slice(1).split('/')[0] === name) ?? VIEWS[0];

class App extends Component {
  state = { known: null, ready: false, why: '' };

  async componentDidMount() {
    addEventListener('hashchange', () => {
      this.forceUpdate();
      scrollTo(0, 0);
      document.querySelector('main')?.focus({ preventScroll: true });
    });
    wire.on(() => this.connection());
    setInterval(() => !wire.connected && this.state.known?.signedIn && this.forceUpdate(), 1000);
    const known = await me().catch(() => ({ signedIn: false }));
    this.signedIn(known);
  }

  signedIn(known) {
    Object.assign(session, { name: known.name, role: known.role, expiresAt: known.expiresAt, schema: null });
    this.setState({ known, ready: false });
    if (known.signedIn) {
      wire.start(() => this.setState({ known: { signedIn: false }, why: 'Your token has run out.' }));
    }
  }

  async connection() {
    if (wire.connected && !session.schema) {
      session.schema = await wire.send('admin.schema').catch(() => null);
      this.setState({ ready: session.schema !== null });
    }
    this.forceUpdate();
  }

  async signOut() {
    await fetch('/console/sign-out', { method: 'POST' }).catch(() => null);
    wire.stop();
    this.setState({ known: { signedIn: false }, ready: false, why: 'You are signed out.' });
  }

  render(props, { known, ready, why }) {
    if (!known) {
      return html`<main><h1 class="splash">Stampede console</h1></main>`;
    }
    if (!known.signedIn) {
      document.title = 'Sign in · Stampede console';
      return html`<${SignIn} why=${why} onSignedIn=${(who) => this.signedIn(who)} />`;
    }
    const [name, title, View] = viewNow();
    document.title = `${title} · Stampede console`;
    return html`
      <header class="top">
        <span class="brand">Stampede</span>
        <nav aria-label="Views">${VIEWS.map(([each, label]) => html`<a href=${`#${each}`} aria-current=${each === name ? 'page' : undefined}>${label}</a>`)}</nav>
        <span class="who"><span class=${`pulse ${wire.connected ? 'on' : 'off'}`}></span>${wire.connected ? 'connected' : 'not connected'} · ${session.name} <b>${session.role}</b>
          <button type="button" class="quiet" onClick=${() => this.signOut()}>Sign out</button></span>
      </header>
      ${!wire.connected && html`<div class="lost" role="alert">Not connected: figures ${Math.max(0, Math.round((Date.now() - wire.lostAt) / 1000))} s old. Trying again …</div>`}
      <main tabindex="-1" class=${`view ${name} ${wire.connected ? '' : 'old'}`}>${ready ? html`<${View} key=${name} />` : html`<h1>${title}</h1><p>Connecting …</p>`}</main>`;
  }
}

render(html`<${App} />`, document.getElementById('app'));
