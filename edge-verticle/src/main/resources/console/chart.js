// A line chart that is given new figures once a second. uPlot is there before any module: the page loads it.
import { Component, createRef, html } from './ui.js';

const uPlot = globalThis.uPlot;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const WHOLE = [1, 2, 5].flatMap((digit) => [0, 1, 2, 3, 4, 5, 6].map((zeros) => digit * 10 ** zeros)).sort((a, b) => a - b);
const dark = matchMedia('(prefers-color-scheme: dark)');

/** props: title, xs (epoch s), lines [{label, values, colour: a CSS variable}], height, edition: of the values, which are drawn when it changes. */
export class Chart extends Component {
  box = createRef();

  componentDidMount() {
    this.resize = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.resize.observe(this.box.current);
    this.scheme = () => this.make();
    dark.addEventListener('change', this.scheme);
    this.make();
  }

  shouldComponentUpdate({ edition }) {
    return edition !== this.props.edition;
  }

  componentWillUnmount() {
    this.resize.disconnect();
    dark.removeEventListener('change', this.scheme);
    this.plot?.destroy();
  }

  componentDidUpdate() {
    const labels = this.props.lines.map(({ label }) => label).join();
    if (labels !== this.labels) {
      this.make();
    } else {
      this.plot.setData(this.data());
    }
  }

  size() {
    return { width: Math.max(160, this.box.current.clientWidth), height: this.props.height ?? 130 };
  }

  data() {
    return [this.props.xs, ...this.props.lines.map(({ values }) => values)];
  }

  make() {
    this.plot?.destroy();
    this.labels = this.props.lines.map(({ label }) => label).join();
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    this.plot = new uPlot({
      ...this.size(),
      legend: { show: false },
      cursor: { y: false, points: { size: 5 } },
      scales: { y: { range: (u, min, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        { ...axis, space: 60, size: 26, values: (u, ticks, axis, space, step) => ticks.map((at) => new Date(at * 1000).toLocaleTimeString('en-GB').slice(0, step < 60 ? 8 : 5)) },
        { ...axis, size: 46, space: 28, incrs: WHOLE, values: (u, ticks) => ticks.map(short) },
      ],
      series: [{}, ...this.props.lines.map(({ label, colour: name }) => ({ label, stroke: colour(name), width: 1.5, points: { show: false } }))],
    }, this.data(), this.box.current);
  }

  render({ title, lines }) {
    const last = lines.map(({ label, values }) => `${label} ${values.at(-1) ?? 'not known'}`).join(', ');
    return html`<figure class="chart">
      <figcaption><b>${title}</b>${lines.length > 1 && lines.map(({ label, colour: name }) => html`<span class="key"><i class=${`dot ${name.slice(2)}`}></i>${label}</span>`)}</figcaption>
      <div class="plot" ref=${this.box} role="img" aria-label=${`${title}: ${last}`}></div>
    </figure>`;
  }
}

function short(value) {
  if (value === null) {
    return '';
  }
  return value >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : value >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : `${+value.toFixed(2)}`;
}

/** Units of an item, small enough for a row of a table; props: values, edition as above. */
export class Spark extends Component {
  shouldComponentUpdate({ edition }) {
    return edition !== this.props.edition;
  }

  render({ values }) {
    const known = values.map((v, i) => [i, v]).filter(([, v]) => v !== null);
    if (known.length < 2) {
      return html`<svg class="spark" viewBox="0 0 100 20" aria-hidden="true"></svg>`;
    }
    const max = Math.max(1, ...known.map(([, v]) => v));
    const step = 100 / Math.max(1, values.length - 1);
    const points = known.map(([i, v]) => `${(i * step).toFixed(1)},${(19 - (v / max) * 18).toFixed(1)}`).join(' ');
    return html`<svg class="spark" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true"><polyline points=${points} /></svg>`;
  }
}
