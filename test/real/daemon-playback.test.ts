import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectedBody,
  loadTrace,
  objectKey,
  type ReplayAnswer,
  replayTrace,
  traceObjects,
} from '../servers/packager-trace.ts';
import { type DeveloperStub, startDeveloperStub } from '../servers/start-developer-stub.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import { type Place, sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';
import { waitUntil } from '../support/with-deadline.ts';

const BUCKET = 'playback';
const LISTED_HOST = 'media.example.com';
const requests = loadTrace();
const objects = traceObjects(requests);

/** The shipped files, and the packager's internal locations with a redirect that plays the packager. */
const CONF = `
include /etc/nginx/s3-helper/upstream-s3-helper.conf;
include /etc/nginx/s3-helper/plain.conf;
include /etc/nginx/s3-helper/caching.conf;
include /etc/nginx/s3-helper/evs-style.conf;
server {
  listen 127.0.0.1:8000;
  location / { return 404; }
  location ~ ^/(hls|dash|mss|thumb|mapped|media|pd)/ { rewrite ^ /s3$uri last; }
  include /etc/nginx/s3-helper/s3-proxy.conf;
}`;
// One of each kind: media, a mapping and its media, progressive.
const LOCATIONS = ['hls', 'mapped/hls', 'media', 'pd'];

/** One that answers in S3's place, and an nginx in front of it that differs in that address only. */
interface Side {
  readonly port: number;
  readonly socketPath: string;
  readonly nginx: RunningNginx;
}

let directory: string;
let swift: Swift;
let proxy: TestProxy;
let stubs: readonly DeveloperStub[];
let daemon: Side;
let stub: Side;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3h-'));
  swift = await startSwift();
  await swift.createBucket(BUCKET);
  for (const [key, body] of objects) {
    const contentType = key.endsWith('.json') ? 'application/json' : 'video/mp4';
    await swift.putObject(BUCKET, key, body, { 'content-type': contentType });
  }
  const socketPath = join(directory, 'daemon.sock');
  proxy = await startProxy({
    settings: {
      listen: `127.0.0.1:0,unix:${socketPath}`,
      allowed_hosts: LISTED_HOST,
      's3.bucket': BUCKET,
      's3.region': swift.region,
      's3.endpoint': `http://127.0.0.1:${swift.httpPort}`,
    },
    credentials: swift,
  });
  const [onPort, onSocket] = [
    await startDeveloperStub({ objects }),
    await startDeveloperStub({ objects, onSocket: true }),
  ];
  stubs = [onPort, onSocket];
  daemon = await putNginxBefore({ port: proxy.port, socketPath });
  stub = await putNginxBefore({ port: onPort.port, socketPath: onSocket.socketPath });
});

afterAll(async () => {
  await Promise.all([daemon.nginx.close(), stub.nginx.close()]);
  await Promise.all([proxy.close(), ...stubs.map((each) => each.close())]);
  await swift.close();
  await rm(directory, { recursive: true });
});

async function putNginxBefore({ port, socketPath }: Omit<Side, 'nginx'>): Promise<Side> {
  const replacements = {
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    'unix:/run/s3-helper/s3-helper.sock': `unix:${socketPath}`,
  };
  return { port, socketPath, nginx: await startNginx({ conf: CONF, replacements }) };
}

interface Way {
  readonly name: string;
  readonly find: (side: Side) => Place;
  /** Before the key. */
  readonly prefix?: string;
}

function throughNginx(address: string): Way['find'] {
  return ({ nginx }) => nginx.ports.get(address)!;
}

const DIRECT: Way = { name: 'directly over TCP', find: ({ port }) => port };
const PLAIN: Way = { name: 'through plain.conf over TCP', find: throughNginx('127.0.0.1:8081') };
const PLAIN_SOCKET: Way = {
  name: 'through plain.conf over the socket',
  find: throughNginx('127.0.0.1:8082'),
};
const EVS_STYLE: Way = { name: 'through evs-style.conf', find: throughNginx('127.0.0.1:8084') };
const CACHING: Way = { name: 'through caching.conf', find: throughNginx('127.0.0.1:8083') };
const WAYS: readonly Way[] = [
  DIRECT,
  { name: 'directly over the unix socket', find: ({ socketPath }) => socketPath },
  PLAIN,
  PLAIN_SOCKET,
  EVS_STYLE,
  CACHING,
  ...LOCATIONS.map((location) => ({
    name: `through /s3/${location}/ of s3-proxy.conf`,
    find: throughNginx('127.0.0.1:8000'),
    prefix: `/${location}`,
  })),
];

function replay({ find, prefix = '' }: Way, side: Side, host?: string): Promise<ReplayAnswer[]> {
  const place = find(side);
  return replayTrace({
    ...(typeof place === 'number' ? { port: place } : { socketPath: place }),
    requests: requests.map((traced) => ({ ...traced, target: prefix + traced.target })),
    ...(host !== undefined && { host }),
  });
}

/** What was recorded, in the words of {@link summarize}. */
const RECORDED = requests.map(({ target, status, length }) => ({
  target,
  status,
  ...(status < 300 && { length, isRight: true }),
}));

/** The status, and of an object the length and whether every byte is right; an error's body is the server's own. */
function summarize(answers: readonly ReplayAnswer[]) {
  return answers.map(({ status, body }, index) => {
    const traced = requests[index]!;
    const isRight = expectedBody(traced, objects)?.equals(body);
    return { target: traced.target, status, ...(status < 300 && { length: body.length, isRight }) };
  });
}

/** What a client could go by, apart from the bytes: dates and tags are each server's own. */
function headsOf(answers: readonly ReplayAnswer[]) {
  return answers.map(({ status, headers }) => ({
    status,
    ...(status < 300 && {
      length: headers['content-length'],
      range: headers['content-range'],
      type: headers['content-type'],
      encoding: headers['content-encoding'],
      framing: headers['transfer-encoding'],
    }),
  }));
}

test('the recording is the one that was meant', () => {
  expect([requests.length, requests.filter(({ status }) => status < 300).length]).toEqual([79, 78]);
  expect(new Set(requests.map(({ target }) => objectKey(target))).size).toBe(objects.size + 1);
});

describe.each(WAYS)('the recorded playback $name', (way) => {
  test('is right to the byte, and the same from the developer stub', async () => {
    const [fromDaemon, fromStub] = [await replay(way, daemon), await replay(way, stub)];
    expect(summarize(fromDaemon)).toEqual(RECORDED);
    expect(summarize(fromStub)).toEqual(RECORDED);
    expect(headsOf(fromDaemon)).toEqual(headsOf(fromStub));
  });
});

test('every read has one report, with its bytes, and asked Swift once', async () => {
  const before = proxy.reports.length;
  await replay(DIRECT, daemon);
  await waitUntil(() => proxy.reports.length >= before + requests.length, 'a report of each read');
  const reports = proxy.reports.slice(before);
  const found = requests.map(({ method, headers, status, length }) => ({
    ...{ method, status, range: headers['Range'], attempts: 1, failure: undefined },
    ...(status < 300 && { bytes: length }),
  }));
  expect(reports).toMatchObject(found);
});

describe('connections to the daemon', () => {
  const count = (way: Way) => countConnections(() => replay(way, daemon));

  test('are as many as the packager opens', async () => {
    expect(await count(DIRECT)).toBe(2);
  });

  test('are kept by plain.conf, over TCP and over the socket', async () => {
    // None at all where nginx still keeps that of an earlier replay.
    expect(await count(PLAIN)).toBeLessThanOrEqual(1);
    expect(await count(PLAIN_SOCKET)).toBeLessThanOrEqual(1);
  });

  test('are one for each read by evs-style.conf, in HTTP/1.0', async () => {
    expect(await count(EVS_STYLE)).toBe(requests.length);
  });
});

/** How many connections are accepted meanwhile by the one server of this process that anybody connects to. */
async function countConnections(act: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const onSocket = () => (count += 1);
  subscribe('net.server.socket', onSocket);
  try {
    await act();
  } finally {
    unsubscribe('net.server.socket', onSocket);
  }
  return count;
}

test('the cache asks the daemon for nothing twice', async () => {
  await replay(CACHING, daemon);
  const before = proxy.reports.length;
  expect(summarize(await replay(CACHING, daemon))).toEqual(RECORDED);
  expect(proxy.reports.length).toBe(before);
});

test('evs-style.conf hands a player’s Host on, and the daemon serves it only if it is listed', async () => {
  expect(summarize(await replay(EVS_STYLE, daemon, LISTED_HOST))).toEqual(RECORDED);
  const other = await sendRequest(EVS_STYLE.find(daemon), '/small/clip.mp4', {
    headers: { Host: 'rebound.example.com' },
  });
  expect(other.status).toBe(421);
});
