import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { listCharts } from '../../bench/charts/list-charts.ts';
import { writeCharts } from '../../bench/charts/write-charts.ts';
import { makeResults } from './make-results.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const charts = listCharts(makeResults());

/** All text that the picture shows. @throws {Error} where it is not well-formed */
function textsOf(svg: string): string[] {
  const texts: string[] = [];
  let inText = false;
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ local }) => {
    inText = local === 'text';
    if (inText) texts.push('');
  });
  parser.on('closetag', () => (inText = false));
  parser.on('text', (piece) => {
    if (inText) texts.push((texts.pop() ?? '') + piece);
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(svg).close();
  return texts;
}

test('there is a chart for each question', () => {
  expect(charts.map(({ name }) => name)).toEqual([
    'bench-ratio-http',
    'bench-throughput-http',
    'bench-ratio-https',
    'bench-throughput-https',
    'bench-latency-http',
    'bench-latency-https',
    'bench-growth-size',
    'bench-growth-connections',
    'bench-growth-routes',
    'bench-memory',
  ]);
});

test.each(charts)('$name is well-formed, on a ground of its own, with a title that names a unit', (chart) => {
  expect(chart.svg).toMatch(/<rect width="900" height="420" x="0" y="0" fill="#ffffff">/);
  expect(chart.svg).toContain(`<title>${chart.title}</title>`);
  expect(chart.title).toMatch(/, (?:ratio to|Gbit\/s|ms|µs|MB)/);
  expect(textsOf(chart.svg)).toContain(chart.title);
  expect(chart.svg).not.toMatch(/NaN|undefined|Infinity/);
});

test.each([
  ['bench-ratio-http', ['nginx, unsigned', 'nginx-64k, unsigned', 's3-helper, wire', 's3-helper, undici']],
  ['bench-ratio-https', ['nginx, unsigned', 's3-helper, wire', 'a-contender', 'target, at most']],
  ['bench-throughput-http', ['no proxy', 'nginx, unsigned', 's3-helper, wire', 'a-contender']],
  ['bench-latency-https', ['nginx, unsigned', 's3-helper, wire', 'target, at most']],
  ['bench-growth-size', ['nginx, unsigned', 's3-helper, wire', '1 GB']],
  ['bench-growth-routes', ['s3-helper, wire', '1000']],
  ['bench-memory', ['nginx, unsigned', 's3-helper, wire', '1000 open streams', 'target, at most']],
])('%s names %j', (name, expected) => {
  const { svg = '' } = charts.find((chart) => chart.name === name) ?? {};
  expect(textsOf(svg)).toEqual(expect.arrayContaining(expected));
});

test('a chart shows the medians, and whiskers as far as the rounds went', () => {
  const { svg = '' } = charts.find(({ name }) => name === 'bench-ratio-http') ?? {};
  expect(textsOf(svg)).toEqual(expect.arrayContaining(['2.50', '1.00']));
  const wider = makeResults({ wireCpuSeconds: [2.5, 2, 6] });
  const { svg: other = '' } = listCharts(wider).find(({ name }) => name === 'bench-ratio-http') ?? {};
  expect(textsOf(other)).toContain('2.50');
  expect(other).not.toBe(svg);
});

test('the same results give the same bytes', () => {
  expect(listCharts(makeResults())).toEqual(charts);
});

test('what is not well-formed would be noticed', () => {
  expect(() => textsOf('<svg><text>a & b</text></svg>')).toThrow();
});

test('what was not measured is not drawn', () => {
  const none = { cells: [], addedLatency: [], growth: [], memory: [] };
  expect(listCharts({ ...makeResults(), ...none })).toEqual([]);
});

describe('The pages', () => {
  const docs = mkdtempSync(join(tmpdir(), 's3-helper-charts-'));
  const pageWith = (block: string): string =>
    `# P\n\n<!-- ${block}: here -->\n\nold\n\n<!-- end of ${block} -->\n\nrest\n`;
  const read = (name: string): string => readFileSync(join(docs, name), 'utf8');
  beforeEach(() => {
    writeFileSync(join(docs, 'performance.md'), pageWith('charts'));
    writeFileSync(join(docs, 'scaling.md'), pageWith('capacity'));
  });
  afterAll(() => rmSync(docs, { recursive: true }));

  test('show exactly the charts of the last drawing, and leave the rest as it was', () => {
    const files = writeCharts(makeResults(), docs);
    writeCharts({ ...makeResults(), growth: [] }, docs);
    const left = files.filter((file) => !file.includes('growth'));
    expect(readdirSync(join(docs, 'images')).sort()).toEqual(left.toSorted());
    expect(imagesOf(read('performance.md'))).toEqual(left.map((file) => `images/${file}`));
    for (const page of ['performance.md', 'scaling.md']) {
      expect(read(page)).toMatch(/^# P\n\n<!-- \w+: here -->\n[^]*\n<!-- end of \w+ -->\n\nrest\n$/);
      expect(read(page)).not.toContain('old');
    }
  });

  test('say what a core does, computed from what was measured', () => {
    writeCharts(makeResults(), docs);
    // 2.5 s of CPU for 1 000 requests: 2 500 µs each, 400 a second; of 64 KiB, 0.21 Gbit/s.
    expect(read('scaling.md')).toMatch(
      /^\| 64 KB +\| +2500 \| +400 \| +0\.21 \| +47\.7 \| +19073 \| +4 \|$/m,
    );
    expect(read('scaling.md')).toContain('S3 over TLS, client wire, 16 connections');
  });

  test('without a place for what is to be written are an error, and stay as they are', () => {
    writeFileSync(join(docs, 'scaling.md'), '# P\n');
    const before = read('performance.md');
    expect(() => writeCharts(makeResults(), docs)).toThrow('no place for capacity');
    expect(read('performance.md')).toBe(before);
  });
});

test.each(['performance.md', 'scaling.md'])('docs/%s shows pictures that exist', (file) => {
  const images = imagesOf(readFileSync(join(DOCS, file), 'utf8'));
  expect(images.length).toBeGreaterThan(0);
  for (const image of images) expect(existsSync(join(DOCS, image)), image).toBe(true);
});

test('every drawn picture is well-formed and shown on a page', () => {
  const files = readdirSync(join(DOCS, 'images')).filter((file) => file.endsWith('.svg'));
  const pages = readdirSync(DOCS).filter((file) => file.endsWith('.md'));
  const shown = pages.flatMap((file) => imagesOf(readFileSync(join(DOCS, file), 'utf8')));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    expect(shown).toContain(`images/${file}`);
    expect(textsOf(readFileSync(join(DOCS, 'images', file), 'utf8')).length, file).toBeGreaterThan(5);
  }
});

function imagesOf(markdown: string): string[] {
  return [...markdown.matchAll(/!\[[^\]]+\]\((images\/[^)]+)\)/g)].map(([, path]) => path!);
}
