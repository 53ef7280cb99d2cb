import { findElement, showText } from './create-element.js';
import { PLOTS } from './plot-list.js';
import { PlotPanel } from './plot-panel.js';

/** @import { HistoryDocument } from './poll-daemon.js' */

const KEPT_SECONDS = 30 * 60;
const LEAST_SPAN_SECONDS = 60;

/** All plots, and the figures that they show. */
export class PlotWall {
  #panels = PLOTS.map((plot) => new PlotPanel(plot));
  /** @type {Record<string, (number | null)[]>} */
  #columns = { at: [] };
  #spanMinutes = 15;

  constructor() {
    findElement('plots').replaceChildren(...this.#panels.map(({ element }) => element));
    this.#panels.forEach((panel) => panel.draw());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.#panels.forEach((panel) => panel.draw());
      this.#show();
    });
    new ResizeObserver(() => this.#panels.forEach((panel) => panel.resize())).observe(findElement('plots'));
    findElement('span').addEventListener('change', ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      this.#spanMinutes = Number(target.value);
      showText(findElement('span-text'), `${this.#spanMinutes} minutes`);
      this.#show();
    });
  }

  /** @param {HistoryDocument} history - what came since the last one */
  add({ series }) {
    const at = series['at'] ?? [];
    const known = this.#columns['at']?.at(-1) ?? 0;
    // The daemon's clock was put back, and it began anew.
    if (Number(at[0]) < Number(known)) this.#columns = { at: [] };
    for (const [name, values] of Object.entries(series)) {
      this.#columns[name] = [...(this.#columns[name] ?? []), ...values];
    }
    const from = Number(this.#columns['at']?.at(-1)) - KEPT_SECONDS;
    const old = this.#columns['at']?.findIndex((time) => Number(time) >= from) ?? 0;
    if (old > 0) for (const values of Object.values(this.#columns)) values.splice(0, old);
    this.#show();
  }

  #show() {
    const times = /** @type {number[]} */ (this.#columns['at'] ?? []);
    const max = times.at(-1) ?? Date.now() / 1000;
    // A daemon that is young has little to show, and shows that large.
    const from = Math.min(times[0] ?? max, max - LEAST_SPAN_SECONDS);
    const span = { min: Math.max(from, max - this.#spanMinutes * 60), max };
    for (const [index, panel] of this.#panels.entries()) {
      const values = (PLOTS[index]?.series ?? []).map(({ key }) => this.#columns[key] ?? []);
      panel.show([times, ...values], span);
    }
  }
}
