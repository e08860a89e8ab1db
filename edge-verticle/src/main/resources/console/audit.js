// Who did what and why, the newest first.
import { Alert, Change, Component, dateTime, html, polling } from './ui.js';
import { wire } from './wire.js';

export class Audit extends Component {
  state = { entries: null, max: 100, more: false, filter: '', fault: null };

  componentDidMount() {
    this.stop = polling(this, () => this.look(), 3_000);
  }

  componentWillUnmount() {
    this.stop();
  }

  async look() {
    if (wire.connected) {
      const { entries, more } = await wire.send('admin.audit', { newest: true, max: this.state.max });
      this.setState({ entries, more, fault: null });
    }
  }

  render(props, { entries, max, more, filter, fault }) {
    const wanted = filter.trim().toLowerCase();
    const shown = (entries ?? []).filter((each) => JSON.stringify(each).toLowerCase().includes(wanted));
    return html`
      <div class="bar"><h1>Audit</h1><label class="hidden" for="audit-filter">Filter the audit</label><input id="audit-filter" type="search" placeholder="Filter" value=${filter} onInput=${(e) => this.setState({ filter: e.target.value })} /></div>
      <${Alert} fault=${fault} />
      ${entries === null ? html`<p>Loading …</p>` : shown.length === 0 ? html`<p class="help" role="status">${filter ? html`Nothing matches “${filter}”.` : 'Nothing has been done yet.'}</p>` : html`
      <div class="scroll" tabindex="0" role="group" aria-label="Entries"><table class="audit"><thead><tr><th class="num">#</th><th>When</th><th>Who</th><th>What</th><th>About</th><th>Reason</th><th>Change</th></tr></thead>
        <tbody>${shown.map((each) => html`<tr key=${each.audit}><td class="num">${each.audit}</td><td class="nowrap">${dateTime(each.at)}</td><td>${each.by}</td><td>${each.action}</td><td>${each.user || each.subject}</td><td>${each.reason}</td><td><${Change} before=${each.before} after=${each.after} millionths=${each.action === 'set_gate'} /></td></tr>`)}</tbody></table></div>`}
      ${more && max < 500 && html`<div class="buttons"><button type="button" onClick=${() => this.setState({ max: 500 }, () => this.look())}>Show 500</button></div>`}`;
  }
}
