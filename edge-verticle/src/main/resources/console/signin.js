// The way in: a token, pasted once.
import { Component, html, Alert } from './ui.js';

export class SignIn extends Component {
  state = { token: '', fault: null, busy: false };

  submit = async (event) => {
    event.preventDefault();
    this.setState({ busy: true, fault: null });
    try {
      const answer = await fetch('/console/sign-in', {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token: this.state.token.trim() }),
      });
      const said = await answer.json();
      if (answer.ok) {
        this.props.onSignedIn(said);
        return;
      }
      this.setState({ busy: false, token: '', fault: said });
    } catch {
      this.setState({ busy: false, fault: { code: 'not_connected', detail: 'the management port does not answer' } });
    }
  };

  render(props, { token, fault, busy }) {
    return html`<main class="signin"><form onSubmit=${this.submit}>
      <h1>Stampede console</h1>
      ${props.why && html`<p class="help">${props.why}</p>`}
      <${Alert} fault=${fault} />
      <div class="field"><label for="token">Operator token</label>
        <textarea id="token" rows="4" required autocomplete="off" spellcheck=${false} value=${token} aria-describedby="token-help" onInput=${(e) => this.setState({ token: e.target.value })}></textarea>
        <span class="help" id="token-help">Get one on the machine with the secret:<code>./stampede admin token --name you --role operator</code></span></div>
      <div class="buttons"><button class="primary" disabled=${busy || token.trim() === ''}>Sign in</button></div>
    </form></main>`;
  }
}
