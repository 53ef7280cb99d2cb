import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { pickFreePort } from '../support/free-ports.ts';
import { runProgram, startProgram } from './run-program.ts';

const BASE = ['--config=/dev/null', '--s3-bucket=media', '--s3-endpoint=http://127.0.0.1:9'];

function runWait(...args: readonly string[]) {
  return runProgram(['wait', ...BASE, ...args]);
}

async function listenWith(answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

test('a daemon that serves is ready, without S3 and without a region', async () => {
  const daemon = await startProgram([...BASE, '--s3-region=eu-west-1', '--listen=127.0.0.1:0']);
  onTestFinished(async () => {
    await daemon.stop();
  });
  expect(await runWait('--listen', daemon.listen[0] ?? '')).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('a daemon that comes later is waited for', async () => {
  const port = await pickFreePort();
  const waiting = runWait(`--listen=127.0.0.1:${port}`);
  const daemon = await startProgram([...BASE, '--s3-region=eu-west-1', `--listen=127.0.0.1:${port}`]);
  onTestFinished(async () => {
    await daemon.stop();
  });
  expect(await waiting).toMatchObject({ code: 0 });
});

test('nobody is there: 1 at the limit, with the reason', async () => {
  const port = await pickFreePort();
  const startedAtMs = performance.now();
  expect(await runWait(`--listen=127.0.0.1:${port}`, '--timeout=400ms')).toEqual({
    code: 1,
    stdout: '',
    stderr: `s3-helper: not ready after 400 ms: listen 127.0.0.1:${port} does not answer (ECONNREFUSED)\n`,
  });
  expect(performance.now() - startedAtMs).toBeGreaterThan(250);
});

test('every address must answer', async () => {
  const daemon = await startProgram([...BASE, '--s3-region=eu-west-1', '--listen=127.0.0.1:0']);
  onTestFinished(async () => {
    await daemon.stop();
  });
  const end = await runWait(
    '--timeout=200ms',
    '--listen',
    `${daemon.listen[0] ?? ''},unix:/nonexistent/socket`,
  );
  expect(end).toMatchObject({
    code: 1,
    stderr: 's3-helper: not ready after 200 ms: listen unix:/nonexistent/socket does not answer (ENOENT)\n',
  });
});

test('somebody else is there', async () => {
  const port = await listenWith((_, response) => response.end('hello'));
  expect((await runWait(`--listen=127.0.0.1:${port}`, '--timeout=200ms')).stderr).toContain(
    `listen 127.0.0.1:${port} is answered by something else (status 200)`,
  );
});

test('with an admin listener it is asked in place of the others', async () => {
  const asked: string[] = [];
  let isReady = false;
  const port = await listenWith(({ url = '', headers }, response) => {
    asked.push(`${url} ${headers.host ?? ''}`);
    const check = { name: 'credentials', status: 'fail', text: 'There are no credentials.' };
    const health = isReady ? { status: 'pass', checks: [] } : { status: 'fail', checks: [check] };
    response.writeHead(isReady ? 200 : 503).end(JSON.stringify(health));
  });
  const args = [`--admin-listen=127.0.0.1:${port}`, '--listen=127.0.0.1:1'];
  expect(await runWait(...args, '--timeout=300ms')).toMatchObject({
    code: 1,
    stderr: `s3-helper: not ready after 300 ms: admin.listen 127.0.0.1:${port} says: There are no credentials.\n`,
  });
  expect(asked.length).toBeGreaterThan(1);
  expect(new Set(asked)).toEqual(new Set(['/readyz localhost']));
  isReady = true;
  expect(await runWait(...args)).toMatchObject({ code: 0 });
});

test.each([
  ['has credentials', {}, 0, /^$/],
  [
    'has none',
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    1,
    /^s3-helper: not ready after 300 ms: admin\.listen 127\.0\.0\.1:\d+ says: There are no credentials\b/,
  ],
])('a daemon with an admin listener, which %s', async (_, environment, code, stderr) => {
  const settings = [...BASE, '--s3-region=eu-west-1', '--listen=127.0.0.1:0', '--admin-listen=127.0.0.1:0'];
  const isolated = { AWS_CONFIG_FILE: '/dev/null', ...environment };
  const daemon = await startProgram(settings, { environment: isolated });
  onTestFinished(async () => {
    await daemon.stop();
  });
  const address = String(daemon.log.at(-1)?.['admin']);
  const end = await runWait('--admin-listen', address, ...(code === 0 ? [] : ['--timeout=300ms']));
  expect(end).toEqual({ code, stdout: '', stderr: expect.stringMatching(stderr) as string });
});

test('an admin listener that does not answer in time, or is something else', async () => {
  const silent = await listenWith(() => undefined);
  expect((await runWait(`--admin-listen=127.0.0.1:${silent}`, '--timeout=300ms')).stderr).toMatch(
    /admin\.listen 127\.0\.0\.1:\d+ does not answer \(ETIMEDOUT\)\n$/,
  );
  const other = await listenWith((_, response) => response.end('hello'));
  expect((await runWait(`--admin-listen=127.0.0.1:${other}`, '--timeout=200ms')).stderr).toContain(
    'is answered by something else (status 200)',
  );
});

test('port 0 cannot be waited for, and is told at once', async () => {
  expect(await runWait('--listen=127.0.0.1:0')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('listen 127.0.0.1:0 is another port each time; write one') as string,
  });
});

test('a wrong configuration is 78', async () => {
  expect(await runWait('--workers=many')).toMatchObject({ code: 78 });
});
