import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../cli/run-program.ts';
import { FAKE_KEYS } from '../doctor/diagnose-here.ts';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';

// Conf files as they are shipped, and the mistakes that operators make in their own.
const SERVERS = `
include /etc/nginx/s3-helper/upstream-s3-helper.conf;
include /etc/nginx/s3-helper/plain.conf;
include /etc/nginx/s3-helper/caching.conf;
include /etc/nginx/s3-helper/evs-style.conf;
server {
  listen 127.0.0.1:8090;
  location / {
    include /etc/nginx/s3-helper/proxy-params.conf;
    proxy_set_header Range "";
    proxy_pass http://s3_helper;
  }
}
server {
  listen 127.0.0.1:8091;
  location / { proxy_set_header Host s3-helper; proxy_pass http://s3_helper; }
}
server {
  listen 127.0.0.1:8092;
  location / { proxy_pass http://127.0.0.1:1; }
}
`;

let directory: string;
let s3: FakeS3;
let daemon: RunningProgram;
let nginx: RunningNginx;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'doctor-'));
  s3 = await startFakeS3();
  s3.put('show/clip.mp4', 'a short film');
  const socket = join(directory, 'socket');
  daemon = await startProgram({
    yaml: `listen: ["127.0.0.1:0", "unix:${socket}"]\nsocket_mode: 0666\n${describeS3()}`,
    environment: FAKE_KEYS,
  });
  nginx = await startNginx({
    conf: SERVERS,
    replacements: {
      '127.0.0.1:8080': `127.0.0.1:${daemon.port}`,
      'unix:/run/s3-helper/s3-helper.sock': `unix:${socket}`,
    },
  });
});

afterAll(async () => {
  await nginx.close();
  await daemon.stop();
  await s3.close();
  rmSync(directory, { recursive: true });
});

function describeS3(): string {
  return `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n`;
}

/** What doctor says of nginx, by check, when asked through a server of it. */
async function lookThrough(address: string): Promise<Record<string, string>> {
  const through = `http://127.0.0.1:${nginx.ports.get(address) ?? 0}/show/clip.mp4`;
  const listen = `127.0.0.1:${daemon.port},unix:${join(directory, 'socket')}`;
  const settings = [`--s3-bucket=${s3.bucket}`, `--s3-region=${s3.region}`, `--s3-endpoint=${s3.endpoint}`];
  const args = [
    'doctor',
    '--json',
    '--config=/dev/null',
    '--listen',
    listen,
    '--socket-mode=0666',
    ...settings,
  ];
  const { stdout } = await runProgram([...args, '--through', through], { environment: FAKE_KEYS });
  const { checks } = JSON.parse(stdout) as {
    readonly checks: readonly { check: string; status: string; says: string; fix: string | null }[];
  };
  const ofNginx = checks.filter(({ check }) => check.startsWith('nginx'));
  return Object.fromEntries(
    ofNginx.map(({ check, status, says, fix }) => [check, `${status}: ${says}; ${fix ?? ''}`]),
  );
}

const GOOD = /^ok: /;

test.each([
  ['plain.conf over TCP', '127.0.0.1:8081'],
  ['plain.conf over the unix socket', '127.0.0.1:8082'],
  ['caching.conf', '127.0.0.1:8083'],
])('%s is all green', async (_, address) => {
  expect(await lookThrough(address)).toEqual({
    nginx: expect.stringMatching(GOOD) as string,
    'nginx-host': expect.stringMatching(GOOD) as string,
    'nginx-range': expect.stringMatching(GOOD) as string,
    'nginx-keep-alive': expect.stringMatching(GOOD) as string,
  });
});

test("evs-style.conf passes the player's Host on, and makes a connection for each request", async () => {
  expect(await lookThrough('127.0.0.1:8084')).toEqual({
    nginx: expect.stringMatching(GOOD) as string,
    'nginx-host': expect.stringMatching(
      /^fail: nginx passes the player's Host on.+Host s3-helper;/,
    ) as string,
    'nginx-range': expect.stringMatching(GOOD) as string,
    'nginx-keep-alive': expect.stringMatching(
      /^warn: 8 requests made 8 connections.+keepalive 32;/,
    ) as string,
  });
});

test('a proxy_pass with nothing but a Host makes a connection for each request', async () => {
  expect(await lookThrough('127.0.0.1:8091')).toMatchObject({
    'nginx-host': expect.stringMatching(GOOD) as string,
    'nginx-keep-alive': expect.stringMatching(/^warn: 8 requests made 8 connections/) as string,
  });
});

test('a Range that is blanked does not arrive', async () => {
  expect(await lookThrough('127.0.0.1:8090')).toMatchObject({
    'nginx-range': expect.stringMatching(
      /^fail: .+the whole object \(200\).+no proxy_set_header Range ""/,
    ) as string,
  });
});

test('an upstream that is somewhere else', async () => {
  expect(await lookThrough('127.0.0.1:8092')).toMatchObject({
    nginx: expect.stringMatching(
      /^fail: it answers 502: nginx does not reach s3-helper.+upstream names/,
    ) as string,
    'nginx-host': expect.stringMatching(/^skip: needs nginx/) as string,
  });
});
