import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startAdmin } from '../../src/admin/start-admin.ts';
import { Connection } from '../support/connection.ts';
import { sendRequest } from '../support/send-request.ts';
import { MetricsFeed, TWO_ROUTES } from './metrics-feed.ts';
import { startAdminOn, useAdmin } from './open-admin.ts';

const ENDPOINTS = ['/', '/livez', '/readyz', '/startupz', '/metrics', '/status.json', '/history.json'];

describe('The admin listener', () => {
  const scene = useAdmin();

  test.each(ENDPOINTS)('answers GET and HEAD of %s alike.', async (path) => {
    const get = await scene.ask(path);
    const head = await scene.ask(path, { method: 'HEAD' });
    expect(get.status).toBe(200);
    expect(get.body.length).toBe(Number(get.headers['content-length']));
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('refuses %s.', async (method) => {
    for (const path of ['/', '/status.json', '/livez']) {
      const { status, headers } = await scene.ask(path, { method });
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  test('refuses CONNECT.', async () => {
    const connection = new Connection(scene.port).send('CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    onTestFinished(() => connection.destroy());
    expect(await connection.readResponse()).toMatchObject({ status: 405 });
  });

  test.each([
    '/nothing',
    '/page/',
    '/page/page.html',
    '/page/../start-admin.ts',
    '/page/tsconfig.json',
    '//',
  ])('has nothing at %s.', async (path) => {
    expect(await scene.ask(path)).toMatchObject({ status: 404 });
  });

  test.each(['rebind.attacker.example', '127.0.0.1.nip.io', ''])('refuses Host: %s.', async (host) => {
    const connection = new Connection(scene.port);
    onTestFinished(() => connection.destroy());
    connection.send(`GET /status.json HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const { status, text } = await connection.readResponse();
    expect([status, text.includes('verdict')]).toEqual([421, false]);
  });

  test.each(['127.0.0.1', 'localhost:8081', '[::1]:8081', 'admin'])('serves Host: %s.', async (host) => {
    expect(await scene.ask('/livez', { headers: { host } })).toMatchObject({ status: 200 });
  });

  test('wants one Host of HTTP/1.1.', async () => {
    for (const hosts of ['', 'Host: a\r\nHost: a\r\n']) {
      const connection = new Connection(scene.port).send(`GET /livez HTTP/1.1\r\n${hosts}\r\n`);
      onTestFinished(() => connection.destroy());
      expect(await connection.readResponse()).toMatchObject({ status: 400 });
    }
    const old = new Connection(scene.port).send('GET /livez HTTP/1.0\r\n\r\n');
    onTestFinished(() => old.destroy());
    expect(await old.readResponse()).toMatchObject({ status: 200 });
  });

  test('says in every answer that nothing may be framed, guessed, kept or read by other sites.', async () => {
    for (const path of [...ENDPOINTS, '/nothing', '/page/main.js']) {
      const { headers } = await scene.ask(path);
      expect([path, headers]).toEqual([
        path,
        expect.objectContaining({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-resource-policy': 'same-origin',
          'cache-control': 'no-store',
        }),
      ]);
      const policy = headers['content-security-policy'];
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  test('answers 503 where the telemetry fails, and lives.', async () => {
    const { config } = scene.feed;
    const broken = (): Promise<never> => Promise.reject(new Error('no worker answers'));
    const admin = await startAdmin({
      config,
      listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      version: '0.1.0',
      snapshot: broken,
      metricsText: broken,
    });
    onTestFinished(() => admin.close());
    const port = Number(/:(\d+)$/.exec(admin.address)?.[1]);
    for (const path of ['/readyz', '/startupz', '/metrics', '/status.json']) {
      const { status, text } = await sendRequest(port, path);
      expect([path, status]).toEqual([path, 503]);
      expect(JSON.parse(text)).toMatchObject({ status: 'fail' });
    }
    expect(await sendRequest(port, '/livez')).toMatchObject({ status: 200 });
  });

  test('does not wait for ever for telemetry.', { timeout: 10_000 }, async () => {
    const { config, metricsText } = scene.feed;
    const admin = await startAdmin({
      config,
      listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      version: '0.1.0',
      snapshot: () => new Promise(() => undefined),
      metricsText,
    });
    onTestFinished(() => admin.close());
    const port = Number(/:(\d+)$/.exec(admin.address)?.[1]);
    expect(await sendRequest(port, '/readyz', { deadlineMs: 5000 })).toMatchObject({ status: 503 });
  });
});

describe('A listed name', () => {
  const scene = useAdmin(`${TWO_ROUTES}allowed_hosts: status.example.com\n`);

  test('is served.', async () => {
    const ask = async (host: string) => (await scene.ask('/livez', { headers: { host } })).status;
    expect([await ask('status.example.com:8081'), await ask('other.example.com')]).toEqual([200, 421]);
  });
});

describe('A unix socket', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 's3-helper-admin-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('serves, with the mode of the others, and is gone after the end.', async () => {
    const path = join(directory, 'admin.sock');
    const yaml = TWO_ROUTES.replace('127.0.0.1:0', `unix:${path}`);
    const admin = await startAdminOn(new MetricsFeed(yaml));
    expect(admin.address).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(await sendRequest(path, '/livez')).toMatchObject({ status: 200 });
    await admin.close();
    expect(existsSync(path)).toBe(false);
  });
});

test('A port that is taken is one sentence.', async () => {
  const admin = await startAdminOn(new MetricsFeed());
  onTestFinished(() => admin.close());
  const yaml = TWO_ROUTES.replace('127.0.0.1:0', admin.address);
  await expect(startAdminOn(new MetricsFeed(yaml))).rejects.toThrow(
    `cannot listen on ${admin.address}: another process listens there`,
  );
});
