// Sessions by day: drafts made and changed, what stands in their way, publishing, and what became of them.
import { Alert, Badge, Component, Dialog, dateTime, html, localTime, may, money, number, polling } from './ui.js';
import { CommandDialog, Form } from './form.js';
import { wire } from './wire.js';

const DAY_MS = 86_400_000;

export class Calendar extends Component {
  state = { sessions: null, fault: null, filter: '', weeks: 0, open: null, dialog: null };

  componentDidMount() {
    this.stop = polling(this, () => this.look(), 5_000);
  }

  componentWillUnmount() {
    this.stop();
  }

  look = async () => {
    if (wire.connected) {
      const from = this.from();
      const { sessions } = await wire.send('admin.session.list', { from, to: from + 14 * DAY_MS });
      sessions.sort((a, b) => a.opensAt - b.opensAt);
      this.setState({ sessions, fault: null });
    }
  };

  from() {
    const today = new Date();
    return new Date(today.getFullYear(), today.getMonth(), today.getDate() - 3 + 14 * this.state.weeks).getTime();
  }

  turn(by) {
    this.setState({ weeks: this.state.weeks + by, sessions: null }, () => this.look().catch((fault) => this.setState({ fault })));
  }

  close = () => this.setState({ dialog: null });

  shut = () => {
    this.close();
    this.look().catch((fault) => this.setState({ fault }));
  };

  async exportCsv(body) {
    try {
      const { csv } = await wire.send('admin.session.export', body);
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([csv], { type: 'text/csv' })), download: body.session ? `session-${body.session}.csv` : 'sessions.csv' });
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (fault) {
      this.setState({ fault });
    }
  }

  render(props, { sessions, fault, filter, open, dialog }) {
    const wanted = filter.trim().toLowerCase();
    const shown = (sessions ?? []).filter((each) => [each.title, each.session, ...each.items.flatMap(({ title, item }) => [title, item])].some((word) => word.toLowerCase().includes(wanted)));
    const days = Map.groupBy ? Map.groupBy(shown, (each) => day(each)) : grouped(shown);
    const from = this.from();
    return html`
      <div class="bar"><h1>Calendar</h1>
        <button type="button" class="quiet" aria-label="Two weeks earlier" onClick=${() => this.turn(-1)}>‹</button><span class="span">${dateTime(from).slice(0, 10)} – ${dateTime(from + 13 * DAY_MS).slice(0, 10)}</span><button type="button" class="quiet" aria-label="Two weeks later" onClick=${() => this.turn(1)}>›</button>
        <label class="hidden" for="search">Search sessions</label><input id="search" type="search" placeholder="Search titles and ids" value=${filter} onInput=${(e) => this.setState({ filter: e.target.value })} />
        <span class="push"></span>
        ${may('admin.session.create') && html`<button type="button" class="primary" onClick=${() => this.setState({ dialog: 'create' })}>New session</button>`}
        ${may('admin.session.import') && html`<button type="button" onClick=${() => this.setState({ dialog: 'import' })}>Import CSV</button>`}
        <button type="button" onClick=${() => this.exportCsv({ from, to: from + 14 * DAY_MS })}>Export CSV</button>
      </div>
      <${Alert} fault=${fault} />
      ${sessions === null ? html`<p>Loading …</p>` : shown.length === 0 ? html`<p class="help" role="status">${filter ? html`Nothing matches “${filter}”.` : 'No sessions in these two weeks.'}</p>` : null}
      ${[...days].map(([date, ofDay]) => html`<section class="day" key=${date} aria-label=${date}><h2>${date}</h2>
        ${ofDay.map((each) => html`<${Session} key=${each.session} session=${each} open=${open === each.session} toggle=${() => this.setState({ open: open === each.session ? null : each.session })} look=${this.shut} exportCsv=${() => this.exportCsv({ session: each.session })} />`)}</section>`)}
      ${dialog === 'create' && html`<${Dialog} title="New session" onClose=${this.close}><${Form} address="admin.session.create" verb="Create draft" known=${{ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, label: 'single' }} done=${(reply) => { this.setState({ open: reply.session }); this.shut(); }} /><//>`}
      ${dialog === 'import' && html`<${Dialog} wide title="Import a plan" onClose=${this.close}><${Form} address="admin.session.import" verb="Import drafts" done=${this.shut} also=${html`<label class="file">or take a file: <input type="file" accept=".csv,text/csv" onChange=${readInto} /></label>`} /><//>`}`;
  }
}

async function readInto(event) {
  const text = await event.target.files[0]?.text();
  const area = event.target.closest('form').querySelector('textarea');
  area.value = text ?? '';
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

const day = ({ opensAt, zone }) => `${new Date(opensAt).toLocaleDateString('en-GB', { timeZone: zone, weekday: 'long' })}, ${localTime(opensAt, zone).slice(0, 10)}`;

function grouped(sessions) {
  const days = new Map();
  for (const each of sessions) {
    days.set(day(each), [...(days.get(day(each)) ?? []), each]);
  }
  return days;
}

class Session extends Component {
  state = { dialog: null };

  close = () => this.setState({ dialog: null });

  done = () => {
    this.close();
    this.props.look();
  };

  buttons() {
    const { session } = this.props;
    const draft = session.status === 'draft';
    return [
      ['edit', 'Change', 'admin.session.change', session.status !== 'archived'],
      ['add', 'Add item', 'admin.item.create', draft],
      ['preflight', 'Preflight', 'admin.session.preflight', session.status !== 'archived'],
      ['publish', draft ? 'Publish' : 'Publish what is missing', 'admin.session.publish', session.status !== 'archived'],
      ['copy', 'Copy', 'admin.session.copy', true],
      ['archive', 'Archive', 'admin.session.archive', session.status === 'published'],
    ].filter(([, , address, sense]) => sense && may(address));
  }

  render({ session, open, toggle, exportCsv, look }, { dialog }) {
    const id = `session-${session.session}`;
    return html`<article class="session" data-session=${session.session}>
      <div class="line"><button type="button" class="link" aria-expanded=${open} aria-controls=${id} onClick=${toggle}><span class="when">${localTime(session.opensAt, session.zone).slice(11)}–${localTime(session.closesAt, session.zone).slice(11)}</span> <span>${session.title}</span></button>
        <${Badge} text=${session.state} /> <${Badge} text=${session.label} /> <span class="help">${session.items.length} ${session.items.length === 1 ? 'item' : 'items'} · ${session.zone} · #${session.session}</span></div>
      ${open && html`<div id=${id} class="details">
        ${session.items.length === 0 ? html`<p class="help">No items yet.</p>` : html`<div class="scroll" tabindex="0" role="group" aria-label="Items of the session"><table><thead><tr><th>Item</th><th>State</th><th class="num">Price</th><th class="num">List price</th><th class="num">Stock</th><th class="num">Per user</th><th class="num">Gate</th><th>Product</th><th><span class="hidden">Change</span></th></tr></thead>
          <tbody>${session.items.map((item) => html`<tr key=${item.item}><td>${item.title} <small>${item.item}</small></td><td><${Badge} text=${item.state} /></td><td class="num">${money(item.price, item.currency)}</td><td class="num">${money(item.listPrice, item.currency)}</td>
            <td class="num">${number(item.stock)}${item.releases?.length > 0 && html` <small>+ ${item.releases.length} portions</small>`}</td><td class="num">${number(item.limitPerUser)}</td><td class="num">${item.gate}</td><td>${item.product ?? ''}</td>
            <td>${item.state === 'draft' && may('admin.item.change') && html`<button type="button" class="quiet" aria-label=${`Change ${item.title}`} onClick=${() => this.setState({ dialog: item })}>Change</button>`}</td></tr>`)}</tbody></table></div>`}
        <div class="buttons">${this.buttons().map(([name, label]) => html`<button type="button" key=${name} class=${name === 'publish' && session.status === 'draft' ? 'primary' : ''} onClick=${() => this.setState({ dialog: name })}>${label}</button>`)}
          <button type="button" onClick=${exportCsv}>Export CSV</button>
          ${session.status !== 'draft' && html`<a class="button" href=${`/reports/${session.session}.html`} target="_blank" rel="noopener">Report</a>`}</div>
      </div>`}
      ${dialog && this.dialog(session, dialog, look)}
    </article>`;
  }

  dialog(session, dialog, look) {
    const fixed = { session: session.session };
    const title = session.title;
    if (dialog === 'edit') {
      const known = {
        title, opensAt: localTime(session.opensAt, session.zone), closesAt: localTime(session.closesAt, session.zone), zone: session.zone, label: session.label,
        limitPerSession: String(session.limitPerSession ?? 0), login: session.login, claimWithinSeconds: String(session.claimWithinSeconds ?? 0),
      };
      const only = session.status === 'draft' ? undefined : ['title', 'label'];
      return html`<${Dialog} title=${`Change ${title}`} onClose=${this.close}><${Form} address="admin.session.change" fixed=${fixed} known=${known} only=${only} changedOnly askReason verb="Save" done=${this.done} /><//>`;
    }
    if (dialog === 'add') {
      return html`<${Dialog} title=${`New item of ${title}`} onClose=${this.close}><${Form} address="admin.item.create" fixed=${fixed} known=${{ currency: 'CNY', limitPerUser: '1', payWithinSeconds: '900' }} verb="Add item" done=${this.done} /><//>`;
    }
    if (dialog === 'preflight') {
      return html`<${Dialog} wide title=${`Preflight of ${title}`} onClose=${this.close}><${Preflight} session=${session.session} /><//>`;
    }
    if (dialog === 'publish') {
      return html`<${Publish} session=${session} onClose=${this.close} look=${look} />`;
    }
    if (dialog === 'copy') {
      return html`<${CommandDialog} address="admin.session.copy" title=${`Copy ${title}`} fixed=${fixed} known=${{ day: localTime(session.opensAt + DAY_MS, session.zone).slice(0, 10) }} only=${['day', 'title']} verb="Copy" onDone=${look} onClose=${this.close} />`;
    }
    if (dialog === 'archive') {
      return html`<${CommandDialog} address="admin.session.archive" title=${`Archive ${title}`} intro="Shoppers no longer find it, and nobody pays its orders any more; only what is over and paid or released." fixed=${fixed} only=${['force']} verb="Archive" onDone=${look} onClose=${this.close} />`;
    }
    const known = Object.fromEntries(['title', 'price', 'listPrice', 'currency', 'stock', 'limitPerUser', 'limitPerOrder', 'payWithinSeconds', 'cooldownMs', 'gate', 'product'].filter((name) => dialog[name] !== undefined && dialog[name] !== null).map((name) => [name, String(dialog[name])]));
    const releases = (dialog.releases ?? []).map(({ at, units }) => `${localTime(at, session.zone)} ${units}`).join('\n');
    return html`<${Dialog} title=${`Change ${dialog.title}`} onClose=${this.close}><${Form} address="admin.item.change" fixed=${{ item: dialog.item }} known=${{ ...known, ...(releases && { releases }) }} changedOnly askReason verb="Save" done=${this.done} /><//>`;
  }
}

/** The list with its lights. */
class Preflight extends Component {
  state = { report: null, fault: null };

  async componentDidMount() {
    try {
      const report = await wire.send('admin.session.preflight', { session: this.props.session });
      this.setState({ report });
      this.props.seen?.(report);
    } catch (fault) {
      this.setState({ fault });
    }
  }

  render(props, { report, fault }) {
    if (!report) {
      return fault ? html`<${Alert} fault=${fault} />` : html`<p role="status">Looking …</p>`;
    }
    return html`<p role="status"><${Badge} text=${report.green ? 'green' : 'red'} /> ${report.green ? 'Nothing stands in the way.' : 'What is red must be mended first.'}</p>
      <table class="preflight"><thead><tr><th>Line</th><th>Light</th><th>Found</th><th>What to do</th></tr></thead><tbody>${report.lines.map((line) => html`<tr key=${line.name}><td>${line.name}</td><td><${Badge} text=${line.light} /></td><td>${line.found}<small>wanted: ${line.wanted}</small></td><td>${line.todo}</td></tr>`)}</tbody></table>`;
  }
}

class Publish extends Component {
  state = { report: null, reply: null };

  render({ session, onClose, look }, { report, reply }) {
    const red = report && !report.green;
    return html`<${Dialog} wide title=${`Publish ${session.title}`} onClose=${onClose}>
      ${reply ? html`<div role="status"><p><b>${reply.published.length} of ${reply.published.length + reply.missing.length} items are on sale.</b></p>${reply.missing.length > 0 && html`<ul>${reply.missing.map((each) => html`<li>${each.item}: ${each.code}, ${each.detail}</li>`)}</ul>`}</div>`
      : html`<${Preflight} session=${session.session} seen=${(seen) => this.setState({ report: seen })} />
        ${report && html`<${Form} key=${red} address="admin.session.publish" fixed=${{ session: session.session }} only=${red ? ['force'] : ['reason']} verb=${red ? 'Publish all the same' : 'Publish'} danger=${red} done=${(told) => { this.setState({ reply: told }); look(); }} />`}`}
    <//>`;
  }
}
