import { expect, test } from 'vitest';
import { formatResult, formatSummary } from '../../src/cli/doctor/format-result.ts';
import { runProgram } from '../cli/run-program.ts';
import { FAKE_KEYS } from './diagnose-here.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

/** Runs `s3-helper doctor` against the fake S3. */
function runDoctor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { endpoint, bucket, region } = s3.current;
  const settings = [`--s3-endpoint=${endpoint}`, `--s3-bucket=${bucket}`, `--s3-region=${region}`];
  return runProgram(['doctor', '--config=/dev/null', '--listen=127.0.0.1:0', ...settings, ...args], {
    environment: {
      ...FAKE_KEYS,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      ...environment,
    },
  });
}

test('a line a check, a summary, and 0 where nothing fails', async () => {
  const { code, stdout, stderr } = await runDoctor(['--key', 'show/clip.mp4']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const summary = lines.pop();
  expect(lines.map((line) => /^(?:ok {2}|warn|fail|skip) {2}([a-z-]+) +\S/.exec(line)?.[1])).toEqual([
    ...['configuration', 'listen', 'tcp', 'clock', 'credentials', 'expiry', 'identity'],
    ...['region', 'signature', 'permissions', 'encoding', 'first-byte', 'serving'],
  ]);
  expect(summary).toBe('11 ok, 0 to look at, 0 failed, 2 skipped');
});

test('1 where something fails, with the fix in the same line', async () => {
  const { code, stdout } = await runDoctor(['--s3-bucket=another']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail {2}region +\/: S3 answers 404 NoSuchBucket .+; fix: correct s3\.bucket/m);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/, 1 failed, /);
});

test('a warning alone is 0', async () => {
  s3.current.clock.offsetMs = 120_000;
  const { code, stdout } = await runDoctor([]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^warn {2}clock .+; fix: set the clock/m);
});

test('a wrong configuration is 1, not 78: it is what was asked for', async () => {
  const { code, stdout } = await runDoctor(['--workers=many']);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^fail {2}configuration +\/dev\/null: workers: "many" is not accepted .+; fix: write auto/m,
  );
});

test('--json is one document of a stable shape', async () => {
  const { code, stdout, stderr } = await runDoctor(['--json', '--s3-bucket=another']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const document = JSON.parse(stdout) as { readonly checks: readonly Record<string, unknown>[] };
  expect(Object.keys(document)).toEqual(['version', 's3_helper', 'node', 'verdict', 'checks']);
  expect(document).toMatchObject({ version: 1, verdict: 'fail', node: process.versions.node });
  for (const check of document.checks) {
    expect(Object.keys(check)).toEqual(['check', 'subject', 'status', 'says', 'fix', 'facts', 'took_ms']);
    expect(check).toEqual({
      check: expect.stringMatching(/^[a-z0-9-]+$/) as string,
      subject: expect.any(String) as string,
      status: expect.stringMatching(/^(?:ok|warn|fail|skip)$/) as string,
      says: expect.stringMatching(/./) as string,
      fix: ['warn', 'fail'].includes(String(check['status'])) ? (expect.stringMatching(/./) as string) : null,
      facts: expect.any(Object) as object,
      took_ms: expect.any(Number) as number,
    });
  }
  expect(document.checks.find(({ check }) => check === 'region')).toMatchObject({ status: 'fail' });
});

test('there is no colour in a pipe', async () => {
  const { stdout } = await runDoctor([]);
  expect(stdout).not.toContain('\u001b');
});

const FINDING = {
  check: 'clock',
  subject: 'https://host',
  status: 'fail',
  says: 'it is late',
  fix: 'set it',
  tookMs: 1,
} as const;

/** What it looks like to Node's `styleText`, which asks a stream for these two. */
function createTerminal(depth: number): NodeJS.WriteStream {
  return {
    isTTY: true,
    writable: true,
    getColorDepth: () => depth,
    write: () => true,
    on: () => undefined,
  } as unknown as NodeJS.WriteStream;
}

test.each([
  ['ok', 32],
  ['warn', 33],
  ['fail', 31],
  ['skip', 90],
] as const)('on a terminal %s has colour %i', (status, colour) => {
  const line = formatResult({ ...FINDING, status }, createTerminal(24));
  expect(line.startsWith(`\u001b[${colour}m${status.padEnd(4)}\u001b[39m  clock `)).toBe(true);
  expect(formatSummary([{ ...FINDING, status: 'fail' }], createTerminal(24))).toContain('\u001b[31m');
});

test('a terminal without colours, as with NO_COLOR, gets none', () => {
  expect(formatResult(FINDING, createTerminal(1))).toBe(
    'fail  clock             https://host: it is late; fix: set it',
  );
});
