import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { METRICS, type MetricRow } from '../../src/telemetry/metrics.ts';
import { PROCESS_METRICS_BY_STATSD, ProcessMetrics } from '../../src/telemetry/process-metrics.ts';
import { readTable } from '../docs/read-table.ts';

const TEXT = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');

/** What stands in backquotes. */
function readNames(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('the table of metrics is that of the code, word for word', () => {
  const expected = Object.entries<MetricRow>(METRICS).map(([name, row]) => {
    const told = row.labels.filter((label) => row.statsd.without?.includes(label) !== true);
    return [
      `\`${name}\``,
      row.type,
      row.labels.map((label) => `\`${label}\``).join(', '),
      row.unit,
      `\`${[row.statsd.name, ...told.map((label) => label.toUpperCase())].join('.')}\``,
      row.help,
    ];
  });
  expect(readTable(TEXT, 'Metric | Kind | Labels')).toEqual(expected);
});

test('every label is explained, and no other', () => {
  const labels = new Set(Object.values<MetricRow>(METRICS).flatMap((row) => row.labels));
  const documented = readTable(TEXT, 'Label | Values').map(([name = '']) => name.replaceAll('`', ''));
  expect(documented.toSorted()).toEqual([...labels].toSorted());
});

test('the metrics of a process are those that it has, with their names in statsd', async () => {
  const metrics = new ProcessMetrics('alone');
  const first = await metrics.toFamilies();
  expect(first.some(({ name }) => name.startsWith('nodejs_eventloop_'))).toBe(false);
  // What is known of the loop comes with the next look.
  const nowMs = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(nowMs + 11_000);
  const names = (await metrics.toFamilies()).map(({ name }) => name);
  const rows = readTable(TEXT, 'Metric | In statsd');
  expect(rows.flatMap(([cell = '']) => readNames(cell)).toSorted()).toEqual(names.toSorted());
  const inStatsd = rows
    .filter(([, statsd]) => statsd !== '')
    .map(([name = '', statsd = '']) => [readNames(name)[0], readNames(statsd)[0]]);
  const expected = Object.entries(PROCESS_METRICS_BY_STATSD).map(([name, { name: statsd }]) => [
    name,
    statsd,
  ]);
  expect(inStatsd.toSorted()).toEqual(expected.toSorted());
});

test('the old names are told, and where the documentation refers to there is something', () => {
  const old = readTable(TEXT, 'Name | Meaning').map(([name]) => name);
  expect(old).toEqual(['`start`', '`stop`', '`s3_serve.bytes`', '`s3_serve.fail.req_creation`']);
  const anchors = [...TEXT.matchAll(/^#{2,3} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const name of ['configuration', 'migrating-from-evs-s3helper', 'telemetry']) {
    const text = readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');
    const ofOthers = [...text.matchAll(/\]\(telemetry\.md#([\w-]+)\)/g)];
    const own = name === 'telemetry' ? [...text.matchAll(/\]\(#([\w-]+)\)/g)] : [];
    for (const [, anchor] of [...ofOthers, ...own]) expect(anchors).toContain(anchor);
  }
});
