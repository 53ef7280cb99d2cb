import { createElement, showText } from './create-element.js';
import { formatTime } from './format.js';

/** @import { Plot } from './plot-list.js' */

const HEIGHT_PX = 160;
/** One cursor for all plots, so that what happened at one moment is seen in all. */
const SYNC_KEY = 's3-helper';

/** One plot with its title and legend; the legend shows the values at the cursor, or the newest. */
export class PlotPanel {
  element;
  #plot;
  #canvas;
  #time;
  /** @type {HTMLElement[]} */
  #values;
  /** @type {uPlot | undefined} */
  #uplot;
  /** @type {uPlot.AlignedData} */
  #data;

  /** @param {Plot} plot */
  constructor(plot) {
    this.#plot = plot;
    this.#data = [[], ...plot.series.map(() => [])];
    this.#time = createElement('span', { class: 'plot-time' });
    this.#values = plot.series.map(({ key }) =>
      createElement('data', { value: '', 'data-series': key }, '–'),
    );
    const legend = plot.series.map(({ label, color, dash }, index) => {
      const swatch = createElement('span', {
        class: `swatch ${dash === undefined ? '' : 'dashed'}`,
        'data-color': color.slice(2),
      });
      return createElement('li', {}, swatch, `${label} `, this.#values[index] ?? '');
    });
    this.#canvas = createElement('div', {
      class: 'plot-canvas',
      tabindex: 0,
      role: 'img',
      'aria-label': `Plot: ${plot.title}`,
      'aria-describedby': 'plot-keys',
    });
    this.#canvas.addEventListener('keydown', (event) => this.#moveByKey(event));
    this.#canvas.addEventListener('blur', () => this.#leave());
    this.element = createElement(
      'figure',
      { class: 'plot' },
      createElement('figcaption', {}, createElement('h3', {}, plot.title), this.#time),
      this.#canvas,
      createElement('ul', { class: 'legend' }, ...legend),
    );
  }

  /** Draws anew, in the colours and the width of the moment. */
  draw() {
    this.#uplot?.destroy();
    this.#uplot = new uPlot(this.#createOptions(), dropIdle(this.#data), this.#canvas);
    this.#showValues();
  }

  /** @param {uPlot.AlignedData} data @param {{ min: number, max: number }} span - Unix seconds */
  show(data, { min, max }) {
    this.#data = data;
    const { idx } = this.#uplot?.cursor ?? {};
    this.#uplot?.setData(dropIdle(data), false);
    this.#uplot?.setScale('x', { min, max });
    if (idx === null || idx === undefined) this.#showValues();
  }

  resize() {
    const width = this.#canvas.clientWidth;
    if (this.#uplot !== undefined && width > 0 && width !== this.#uplot.width) {
      this.#uplot.setSize({ width, height: HEIGHT_PX });
    }
  }

  /** @returns {uPlot.Options} */
  #createOptions() {
    const style = getComputedStyle(document.documentElement);
    const colorOf = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colorOf('--muted'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: colorOf('--grid'), width: 1 },
      ticks: { show: false },
    };
    const isOnly = this.#plot.series.length === 1;
    return {
      width: Math.max(200, this.#canvas.clientWidth),
      height: HEIGHT_PX,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      cursor: { sync: { key: SYNC_KEY, setSeries: false }, drag: { x: false, y: false }, y: false },
      scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
      axes: [
        {
          ...axis,
          values: (_plot, times) => times.map((at) => formatTime(at * 1000).slice(0, 5)),
          space: 40,
          size: 22,
          gap: 4,
        },
        { ...axis, size: 58, values: (_plot, values) => values.map(this.#plot.format), space: 36 },
      ],
      series: [
        {},
        ...this.#plot.series.map(({ label, color, dash }) => ({
          label,
          stroke: colorOf(color),
          width: 1.5,
          ...(dash === undefined ? {} : { dash: [...dash] }),
          ...(isOnly ? { fill: `${colorOf(color)}22` } : {}),
          points: { show: false },
        })),
      ],
      hooks: { setCursor: [() => this.#showValues()] },
    };
  }

  #showValues() {
    const times = this.#data[0];
    const at = this.#uplot?.cursor.idx ?? undefined;
    const index = at ?? times.length - 1;
    const time = times[index];
    showText(this.#time, at === undefined || time === undefined ? '' : formatTime(time * 1000));
    for (const [series, element] of this.#values.entries()) {
      const value = this.#data[series + 1]?.[index] ?? undefined;
      element.setAttribute('value', value === undefined ? '' : String(value));
      showText(element, value === undefined ? '–' : this.#plot.format(value));
    }
  }

  /** @param {KeyboardEvent} event */
  #moveByKey(event) {
    const last = this.#data[0].length - 1;
    const at = this.#uplot?.cursor.idx ?? last;
    const targets = /** @type {Record<string, number>} */ ({
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: at - 30,
      PageDown: at + 30,
      Home: 0,
      End: last,
    });
    const target = targets[event.key];
    if (event.key === 'Escape') this.#leave();
    else if (target === undefined || this.#uplot === undefined) return;
    else this.#moveTo(Math.min(last, Math.max(0, target)));
    event.preventDefault();
  }

  /** @param {number} index */
  #moveTo(index) {
    const time = this.#data[0][index];
    if (time === undefined || this.#uplot === undefined) return;
    for (const plot of uPlot.sync(SYNC_KEY).plots)
      plot.setCursor({ left: plot.valToPos(time, 'x'), top: 10 });
    const said = this.#plot.series.map(
      ({ label }, series) => `${label} ${this.#values[series]?.textContent}`,
    );
    this.#canvas.setAttribute(
      'aria-label',
      `Plot: ${this.#plot.title}. ${formatTime(time * 1000)}: ${said.join(', ')}`,
    );
  }

  #leave() {
    for (const plot of uPlot.sync(SYNC_KEY).plots) plot.setCursor({ left: -10, top: -10 });
    this.#canvas.setAttribute('aria-label', `Plot: ${this.#plot.title}`);
  }
}

/**
 * Of several series, those that are zero all the time would only cover each other and the axis.
 * @param {uPlot.AlignedData} data @returns {uPlot.AlignedData}
 */
function dropIdle([times, ...all]) {
  if (all.length === 1) return [times, ...all];
  return [
    times,
    ...all.map((values) => (Array.from(values).some(Boolean) ? values : Array.from(values, () => null))),
  ];
}
