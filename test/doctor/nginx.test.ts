import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { toProxyOptions } from '../support/open-scene.ts';
import { startProxy } from '../support/start-proxy.ts';
import { diagnoseHere, toSettings } from './diagnose-here.ts';
import { type FrontHabits, startFront } from './start-front.ts';
import { useS3 } from './use-s3.ts';

const s3 = useS3();

const CHECKS = ['nginx', 'nginx-host', 'nginx-range', 'nginx-keep-alive'];
const canCount = existsSync('/proc/net/tcp');

/** What doctor says of a front with such habits, by the check. */
async function lookThrough(habits: FrontHabits) {
  const proxy = await startProxy(toProxyOptions(s3.current));
  onTestFinished(() => proxy.close());
  const through = await startFront(proxy.port, habits);
  const settings = toSettings(s3.current, { listen: `127.0.0.1:${proxy.port}` });
  return diagnoseHere({ settings, through });
}

test('a front that does nothing wrong', async () => {
  const { of } = await lookThrough({});
  for (const check of CHECKS)
    expect(of(check), of(check).says).toMatchObject({
      status: canCount || check !== 'nginx-keep-alive' ? 'ok' : 'skip',
    });
});

test('it sends a Host that s3-helper refuses', async () => {
  const { of } = await lookThrough({ host: 'media.example.com' });
  expect(of('nginx').status).toBe('ok');
  expect(of('nginx-host')).toMatchObject({
    status: 'fail',
    says: 's3-helper refuses the Host that nginx sends (421)',
    fix: expect.stringMatching(/proxy_set_header Host s3-helper;.+allowed_hosts/) as string,
  });
  expect(of('nginx-range').status).toBe('skip');
});

test("it passes the player's Host on", async () => {
  const { of } = await lookThrough({ host: 'player' });
  expect(of('nginx-host')).toMatchObject({
    status: 'fail',
    says: "nginx passes the player's Host on, which s3-helper refuses (421)",
    fix: expect.stringContaining('proxy_set_header Host s3-helper;') as string,
  });
  expect(of('nginx-range').status).toBe('ok');
});

test('it takes ranges away', async () => {
  const { of } = await lookThrough({ range: () => undefined });
  expect(of('nginx-range')).toMatchObject({
    status: 'fail',
    says: 'Range: bytes=0-0 is answered with the whole object (200)',
    fix: expect.stringContaining('no proxy_set_header Range ""') as string,
  });
});

test('it repeats the first range', async () => {
  const { of } = await lookThrough({ range: () => 'bytes=0-0' });
  expect(of('nginx-range')).toMatchObject({
    status: 'fail',
    says: 'Range: bytes=1-2 is answered with bytes 0-0/12, 1 bytes',
    fix: expect.stringContaining('take proxy_set_header Range $http_range out') as string,
  });
});

test.runIf(canCount)('it makes a connection for each request', async () => {
  const { of } = await lookThrough({ connection: 'close' });
  expect(of('nginx-keep-alive')).toMatchObject({
    status: 'warn',
    says: '8 requests made 8 connections to s3-helper, and kept none',
    fix: expect.stringMatching(
      /proxy_http_version 1\.1;.+proxy_set_header Connection "";.+keepalive 32;/,
    ) as string,
    facts: { requests: 8, connections: 8 },
  });
});

test.runIf(canCount)('nothing of it reaches s3-helper', async () => {
  const elsewhere = await startProxy(toProxyOptions(s3.current));
  onTestFinished(() => elsewhere.close());
  const { of } = await diagnoseHere({
    settings: toSettings(s3.current),
    through: await startFront(elsewhere.port),
  });
  expect(of('nginx-keep-alive')).toMatchObject({
    status: 'skip',
    says: expect.stringContaining('no request reached s3-helper') as string,
  });
});

test('nobody listens at the address', async () => {
  const { of } = await diagnoseHere({
    settings: toSettings(s3.current),
    through: 'http://127.0.0.1:1/show/clip.mp4',
  });
  expect(of('nginx')).toMatchObject({
    status: 'fail',
    says: 'nobody answers there (ECONNREFUSED)',
    fix: expect.stringContaining('systemctl status nginx') as string,
  });
  for (const check of CHECKS.slice(1)) expect(of(check).status).toBe('skip');
});

test('it does not reach s3-helper', async () => {
  const { of } = await diagnoseHere({
    settings: toSettings(s3.current, { listen: '127.0.0.1:18080' }),
    through: await startFront(1),
  });
  expect(of('nginx')).toMatchObject({
    status: 'fail',
    says: 'it answers 502: nginx does not reach s3-helper, or s3-helper not S3',
    fix: expect.stringContaining('see that its upstream names 127.0.0.1:18080') as string,
  });
});

test('the address leads to no object', async () => {
  s3.current.objects.clear();
  expect((await lookThrough({})).of('nginx')).toMatchObject({
    status: 'fail',
    says: 'it answers 404',
    fix: expect.stringContaining('an object that is there after --through') as string,
  });
});
