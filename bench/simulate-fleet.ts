import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceBlock } from './charts/replace-block.ts';
import { showCharts } from './charts/write-charts.ts';
import { drawFleet } from './fleet/draw-fleet.ts';
import { runFleet } from './fleet/run-fleet.ts';
import { SCENARIO } from './fleet/scenario.ts';
import { formatFleet } from './fleet/summarise-fleet.ts';
import { PROJECT } from './program.ts';

// A fleet of daemons in simulated time: what their retry budgets and their refresh schedules do in an outage. Takes
// seconds, needs nothing but Node, and writes the pictures and the table of docs/scaling.md.

const page = join(PROJECT, 'docs', 'scaling.md');
const images = join(PROJECT, 'docs', 'images');
const runs = { withBudget: runFleet(SCENARIO, true), withoutBudget: runFleet(SCENARIO, false) };
const charts = drawFleet(runs, SCENARIO);
const table = formatFleet(runs, SCENARIO);
mkdirSync(images, { recursive: true });
for (const { name, svg } of charts) writeFileSync(join(images, `${name}.svg`), svg);
writeFileSync(page, replaceBlock(readFileSync(page, 'utf8'), 'fleet', `${table}\n\n${showCharts(charts)}`));
process.stdout.write(`${table}\n`);
