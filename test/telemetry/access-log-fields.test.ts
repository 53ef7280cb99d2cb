import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAccessLog } from '../../src/telemetry/access-log.ts';
import { createLogger } from '../../src/telemetry/create-logger.ts';
import type { RequestReport } from '../../src/telemetry/request-report.ts';

type Line = Readonly<Record<string, unknown>>;

/** With something in every field, so that a new one cannot be forgotten. */
const FULL: { readonly [Name in keyof RequestReport]: NonNullable<RequestReport[Name]> } = {
  requestId: 'an-id',
  startedAtMs: 0,
  method: 'GET',
  key: 'a',
  route: '/',
  bucket: 'media',
  range: 'bytes=0-',
  status: 206,
  bytes: 1,
  firstByteMs: 1,
  attempts: 3,
  hedges: 1,
  hedgesWon: 1,
  resumes: 1,
  causes: ['s3_reset'],
  s3Status: 206,
  s3RequestId: 'theirs',
  s3HostId: 'theirs too',
  s3ErrorCode: 'SlowDown',
  s3Errors: ['SlowDown'],
  failure: 'body_cut',
  cause: 'ECONNRESET',
};

const EMPTY: RequestReport = {
  ...FULL,
  key: undefined,
  route: undefined,
  bucket: undefined,
  range: undefined,
  firstByteMs: undefined,
  hedges: 0,
  hedgesWon: 0,
  resumes: 0,
  causes: [],
  s3Status: undefined,
  s3RequestId: undefined,
  s3HostId: undefined,
  s3ErrorCode: undefined,
  failure: undefined,
  cause: undefined,
};

function write(report: RequestReport, sample: number): Line {
  const lines: Line[] = [];
  const logger = createLogger({
    level: 'info',
    ident: 's3-helper',
    destination: { write: (line) => lines.push(JSON.parse(line) as Line) },
  });
  createAccessLog(logger, { access: 'all', sample }).write(report, 1);
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

/** Name, kind and presence, as documented. */
function readDocumentation(): (readonly [name: string, kind: string, present: string])[] {
  const text = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
  const section = text.split('\n## Access log\n')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| [^|]+\|$/gm)].map(
    ([, name = '', kind = '', present = '']) => [name, kind, present] as const,
  );
}

const KINDS: Readonly<Record<string, string>> = {
  text: 'string',
  number: 'number',
  milliseconds: 'number',
  'list of texts': 'object',
};

test('the documentation lists each field of a line, in order, with its kind', () => {
  const documented = readDocumentation().filter(([name]) => name !== 'sample');
  const line = write(FULL, 1);
  expect(documented.map(([name]) => name)).toEqual(Object.keys(line));
  expect(documented.map(([name, kind]) => [name, KINDS[kind]])).toEqual(
    Object.entries(line).map(([name, value]) => [name, typeof value]),
  );
});

test('the fields that are always there are those that the documentation says so of', () => {
  const always = readDocumentation().filter(([, , present]) => present === 'always');
  expect(always.map(([name]) => name)).toEqual(Object.keys(write(EMPTY, 1)));
});

test('a sampled line says its share, the last before its message', () => {
  const names = readDocumentation().map(([name]) => name);
  expect(names.slice(-2)).toEqual(['sample', 'msg']);
  // So near to one that chance has no part in it.
  const line = write({ ...EMPTY, status: 200 }, 0.999999999);
  expect(Object.keys(line).slice(-2)).toEqual(['sample', 'msg']);
  expect(write({ ...EMPTY, status: 404 }, 0.000001)).not.toHaveProperty('sample');
});
