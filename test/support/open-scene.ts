import type { LookupFunction } from 'node:net';
import { afterEach, beforeEach, expect } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, type FakeS3Options, startFakeS3 } from '../servers/fake-s3.ts';
import type { SeenRequest } from '../servers/fake-s3-seen.ts';
import { Connection } from './connection.ts';
import { type Answer, type Ask, sendRequest } from './send-request.ts';
import { type ProxyOptions, startProxy, type TestProxy } from './start-proxy.ts';

export interface SceneOptions extends Partial<ProxyOptions> {
  readonly s3?: FakeS3Options;
  /** Reaches S3 by this name, which is resolved to loopback, and so with the bucket in front of it. */
  readonly s3HostName?: string;
}

/** A client's view of the daemon, with the S3 behind it: new for every test. */
export interface Scene {
  readonly s3: FakeS3;
  readonly proxy: TestProxy;
  /** Sends one request to the daemon's first listener. */
  ask(target: string, ask?: Ask): Promise<Answer>;
  /** A bare socket to the daemon's first listener. */
  connect(): Connection;
  /** The only request that S3 saw; its signature was right. */
  onlySeen(): SeenRequest;
}

/**
 * Starts a fake S3 and the daemon in front of it before every test of the file and ends both after it. After every
 * test no secret may be in a report or a log line (design rule 8), and each request must have one report.
 */
export function useScene(options: SceneOptions = {}): Scene {
  let s3: FakeS3 | undefined;
  let proxy: TestProxy | undefined;
  const connections: Connection[] = [];
  beforeEach(async () => {
    s3 = await startFakeS3(options.s3);
    proxy = await startProxy(toProxyOptions(s3, { ...options, ...reachByName(s3, options) }));
  });
  afterEach(async () => {
    connections.splice(0).forEach((connection) => connection.destroy());
    await proxy?.close();
    await s3?.close();
    if (proxy !== undefined) expectNoSecrets(proxy);
  });
  const scene: Scene = {
    get s3() {
      return started(s3);
    },
    get proxy() {
      return started(proxy);
    },
    ask: (target, ask) => sendRequest(scene.proxy.port, target, ask),
    connect: () => {
      const connection = new Connection(scene.proxy.port);
      connections.push(connection);
      return connection;
    },
    onlySeen: () => {
      const { seen } = scene.s3;
      expect(seen.map(({ target, verdict }) => ({ target, verdict }))).toEqual([
        { target: expect.any(String) as string, verdict: expect.objectContaining({ ok: true }) as object },
      ]);
      return seen[0]!;
    },
  };
  return scene;
}

/** Each request asks S3 once and takes what comes: what a fault does is seen as it is. Resilience has tests of its own. */
export const ONE_ATTEMPT = {
  'retries.attempts': '1',
  'retries.resumes': '0',
  'hedge.enabled': 'false',
  's3.learn_region': 'false',
} as const;

/** What a daemon in front of this S3 is configured with. */
export function toProxyOptions(s3: FakeS3, options: Partial<ProxyOptions> = {}): ProxyOptions {
  return {
    credentials: FAKE_CREDENTIAL,
    ...options,
    settings: {
      ...ONE_ATTEMPT,
      's3.endpoint': s3.endpoint,
      's3.bucket': s3.bucket,
      's3.region': s3.region,
      ...options.settings,
    },
  };
}

const lookupLoopback: LookupFunction = (_name, { all }, done) =>
  all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

function reachByName({ port }: FakeS3, { s3HostName, settings }: SceneOptions): Partial<ProxyOptions> {
  if (s3HostName === undefined) return {};
  return {
    settings: { ...settings, 's3.endpoint': `http://${s3HostName}:${port}` },
    lookup: lookupLoopback,
  };
}

/** What must never be read outside of the daemon, in a text that was. */
export function findSecrets(text: string): string[] {
  const { secretAccessKey, sessionToken = '' } = FAKE_CREDENTIAL;
  const secrets = [secretAccessKey, sessionToken, encodeURIComponent(sessionToken), 'AWS4-HMAC-SHA256'];
  return [
    ...secrets.filter((secret) => text.includes(secret)),
    ...(/Signature=[0-9a-f]{8}/.exec(text) ?? []),
  ];
}

function expectNoSecrets({ reports, logLines }: TestProxy): void {
  expect(findSecrets(JSON.stringify([reports, logLines]))).toEqual([]);
  const ids = reports.map(({ requestId }) => requestId);
  expect(ids).toEqual([...new Set(ids)]);
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the scene exists inside of tests only');
  return part;
}
