import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatCapacity } from '../format-capacity.ts';
import type { Results } from '../results.ts';
import type { Chart } from './draw-svg.ts';
import { listCharts } from './list-charts.ts';
import { replaceBlock } from './replace-block.ts';

const OWN_FILES = /^bench-[a-z-]+\.svg$/;

/**
 * Writes every chart to `images/` and shows exactly these in performance.md, so that all of them are of one run; and what
 * a core can do to scaling.md.
 * @param docs - the folder that holds these pages
 * @returns the names of the files
 * @throws {Error} where a page has lost the place for them; then nothing is written
 */
export function writeCharts(results: Results, docs: string): string[] {
  const [performance, scaling] = [join(docs, 'performance.md'), join(docs, 'scaling.md')];
  const images = join(docs, 'images');
  const charts = listCharts(results);
  const capacity = formatCapacity(results);
  const performanceText = replaceBlock(readFileSync(performance, 'utf8'), 'charts', showCharts(charts));
  const scalingText = replaceBlock(readFileSync(scaling, 'utf8'), 'capacity', capacity);
  mkdirSync(images, { recursive: true });
  for (const file of readdirSync(images).filter((name) => OWN_FILES.test(name))) rmSync(join(images, file));
  for (const { name, svg } of charts) writeFileSync(join(images, `${name}.svg`), svg);
  writeFileSync(performance, performanceText);
  writeFileSync(scaling, scalingText);
  return charts.map(({ name }) => `${name}.svg`);
}

/** Markdown that shows charts, each with its title for those who do not see it. */
export function showCharts(charts: readonly Chart[]): string {
  return charts.map(({ name, title }) => `![${title}](images/${name}.svg)`).join('\n\n');
}
