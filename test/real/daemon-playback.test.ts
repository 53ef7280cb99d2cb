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
import { startDeveloperStub } from '../servers/start-developer-stub.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { startSwift } from '../servers/start-swift.ts';
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

let proxy: TestProxy;
let daemon: Side;
let stub: Side;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 's3h-'));
  closers.push(() => rm(directory, { recursive: true }));
  const swift = await startSwift();
  closers.push(() => swift.close());
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
  closers.push(() => proxy.close());
  const onPort = await startDeveloperStub({ objects });
  closers.push(() => onPort.close());
  const onSocket = await startDeveloperStub({ objects, onSocket: true });
  closers.push(() => onSocket.close());
  daemon = await putNginxBefore({ port: proxy.port, socketPath });
  stub = await putNginxBefore({ port: onPort.port, socketPath: onSocket.socketPath });
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function putNginxBefore({ port, socketPath }: Omit<Side, 'nginx'>): Promise<Side> {
  const replacements = {
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    'unix:/run/s3-helper/s3-helper.sock': `unix:${socketPath}`,
  };
  const nginx = await startNginx({ conf: CONF, replacements });
  closers.push(() => nginx.close());
  return { port, socketPath, nginx };
}

interface Way {
  readonly name: string;
  readonly find: (side: Side) => Place;
  /** Before the key. */
  readonly prefix?: string;
  /** To the daemon, for one playback; not told where nginx goes on with those of another way. */
  readonly connections?: number;
}

function throughNginx(address: string): Way['find'] {
  return ({ nginx }) => nginx.ports.get(address)!;
}

const DIRECT: Way = { name: 'directly over TCP', find: ({ port }) => port, connections: 2 };
const EVS_STYLE: Way = {
  name: 'through evs-style.conf, which speaks HTTP/1.0',
  find: throughNginx('127.0.0.1:8084'),
  connections: requests.length,
};
const CACHING: Way = { name: 'through caching.conf', find: throughNginx('127.0.0.1:8083') };
const WAYS: readonly Way[] = [
  DIRECT,
  { name: 'directly over the unix socket', find: ({ socketPath }) => socketPath, connections: 2 },
  { name: 'through plain.conf over TCP', find: throughNginx('127.0.0.1:8081'), connections: 1 },
  { name: 'through plain.conf over the socket', find: throughNginx('127.0.0.1:8082'), connections: 1 },
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
    const { result: fromDaemon, opened } = await countConnections(() => replay(way, daemon));
    const fromStub = await replay(way, stub);
    expect(summarize(fromDaemon)).toEqual(RECORDED);
    expect(summarize(fromStub)).toEqual(RECORDED);
    expect(headsOf(fromDaemon)).toEqual(headsOf(fromStub));
    if (way.connections !== undefined) expect(opened).toBe(way.connections);
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

/** Counts the connections that are accepted meanwhile by the only server of this process that is connected to. */
async function countConnections<T>(act: () => Promise<T>): Promise<{ result: T; opened: number }> {
  let opened = 0;
  const onSocket = () => (opened += 1);
  subscribe('net.server.socket', onSocket);
  try {
    return { result: await act(), opened };
  } finally {
    unsubscribe('net.server.socket', onSocket);
  }
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
