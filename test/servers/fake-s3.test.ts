import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeS3, type FakeS3Options, FAKE_CREDENTIAL, startFakeS3 } from './fake-s3.ts';
import type { Fault } from './fake-s3-faults.ts';
import { virtualBytes } from './fake-s3-virtual-bytes.ts';
import { WireClient } from './fake-s3-wire-client.ts';
import { createTestAuthority } from './test-certificates.ts';

const clients: WireClient[] = [];
let s3: FakeS3;

beforeEach(() => restart());
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await s3.close();
});

async function restart(options?: FakeS3Options): Promise<void> {
  s3 = await startFakeS3(options);
  s3.put('ten', '0123456789', { headers: { 'x-amz-meta-a': 'b' } });
}

function client(options?: ConstructorParameters<typeof WireClient>[1]): WireClient {
  const made = new WireClient(s3, options);
  clients.push(made);
  return made;
}

/** Asks for `ten` while this happens. */
function ask(fault: Fault, headers: Record<string, string> = {}, method = 'GET'): Promise<WireClient> {
  s3.inject(fault);
  return client().ask('ten', headers, method);
}

/** The connection is in order: another request on it is answered rightly. */
async function expectKept(asked: WireClient): Promise<void> {
  asked.received = '';
  await (await asked.ask('ten')).until('0123456789');
  expect([asked.received.startsWith('HTTP/1.1 200 OK\r\n'), s3.connectionsMade()]).toEqual([true, 1]);
}

describe('without faults', () => {
  test('serves what is signed, keeps the connection, and takes everything down', async () => {
    const asked = await client().ask('ten', { Range: 'bytes=2-3' });
    await asked.until('\r\n\r\n23');
    expect(asked.head).toContain('http/1.1 206 partial content\r\n');
    expect(asked.head).toContain('\r\ncontent-range: bytes 2-3/10');
    await expectKept(asked);
    await s3.waitFor(() => s3.seen.every(({ state }) => state === 'done'), 'both answers');
    const shared = { method: 'GET', target: '/media/ten', key: 'ten', connectionId: 1, fault: undefined };
    expect(s3.seen).toMatchObject([
      { ...shared, status: 206, bodyBytesSent: 2, verdict: { ok: true } },
      { ...shared, status: 200, bodyBytesSent: 10, verdict: { ok: true } },
    ]);
    expect(s3.seen[0]!.header('range')).toBe('bytes=2-3');
    expect(s3.seen[0]!.rawHeaders).toContain('Range');
  });

  test('answers HEAD without a body', async () => {
    const asked = await client().ask('ten', {}, 'HEAD');
    await asked.until('\r\n\r\n');
    expect([asked.head.includes('content-length: 10'), asked.body]).toEqual([true, '']);
    await expectKept(asked);
  });

  test('refuses a wrong signature, and does not spend a fault on it', async () => {
    s3.inject({ kind: 'reset', at: 'before-head' });
    const asked = await client().ask('ten', { 'x-amz-foo': 'unsigned' });
    await asked.until('</Error>\r\n0\r\n\r\n');
    expect(asked.head).toContain('http/1.1 403 forbidden');
    expect(asked.body).toContain('<Code>AccessDenied</Code>');
    expect(s3.seen[0]).toMatchObject({
      status: 403,
      verdict: { ok: false, error: { code: 'AccessDenied' } },
    });
    await (await asked.ask('ten')).untilClosed();
    expect(asked.closedBy).toBe('reset');
  });

  test('knows other credentials as soon as they change', async () => {
    const asked = client();
    await (await asked.ask('ten')).until('0123456789');
    s3.credentials[0] = { ...FAKE_CREDENTIAL, expiration: new Date(Date.now() - 1) };
    await (await asked.ask('ten')).until('<Code>ExpiredToken</Code>');
    s3.credentials[0] = { accessKeyId: 'AKIANEW', secretAccessKey: 'new' };
    asked.received = '';
    await (await asked.ask('ten')).until('0123456789');
  });

  test('refuses a clock that is off, and shows its own', async () => {
    const signing = client();
    await once(signing.socket, 'connect');
    const asking = signing.ask('ten');
    s3.clock.offsetMs = -3_600_000;
    await (await asking).until('<Code>RequestTimeTooSkewed</Code>');
    const date = Date.parse(/\r\ndate: (.*)\r\n/.exec(signing.head)?.[1] ?? '');
    expect(Math.abs(date - (Date.now() - 3_600_000))).toBeLessThan(5_000);
  });

  test('serves unsigned requests if told to, and still says what it thinks of them', async () => {
    await s3.close();
    await restart({ requireSignature: false });
    const asked = client();
    asked.socket.write('GET /media/ten HTTP/1.1\r\nHost: x\r\n\r\n');
    await asked.until('0123456789');
    expect(s3.seen[0]!.verdict).toMatchObject({ ok: false, error: { code: 'AccessDenied' } });
  });

  test('answers pipelined requests in turn', async () => {
    const asked = client();
    await Promise.all([asked.ask('ten'), asked.ask('ten', { Range: 'bytes=-1' })]);
    await asked.until('\r\n\r\n9');
    expect(s3.seen.map(({ status }) => status).sort()).toEqual([200, 206]);
  });
});

describe('virtual objects', () => {
  test('can be read anywhere', async () => {
    s3.put('huge', { size: 5 * 2 ** 30 });
    const first = 4 * 2 ** 30 + 12_345;
    const asked = await client().ask('huge', { Range: `bytes=${first}-${first + 199_999}` });
    await asked.until('\r\n\r\n');
    await s3.waitFor(() => s3.seen[0]?.bodyBytesSent === 200_000, 'the body');
    const expected = virtualBytes(first, 200_000).toString('latin1');
    await asked.until(expected.slice(-50));
    expect(asked.body === expected).toBe(true);
    expect(asked.head).toContain(`content-range: bytes ${first}-${first + 199_999}/5368709120`);
  });

  test('are the same however they are cut, and differ from place to place', () => {
    const whole = virtualBytes(65_000, 200_000);
    expect(whole.subarray(70_000, 90_000).equals(virtualBytes(135_000, 20_000))).toBe(true);
    expect(whole.equals(virtualBytes(65_001, 200_000))).toBe(false);
    const words = new Int32Array(Uint8Array.from(virtualBytes(4 * 2 ** 30, 400_000)).buffer);
    expect(new Set(words).size).toBe(100_000);
  });

  test('are sent no faster than they are read, and a client that leaves is noticed', async () => {
    s3.put('huge', { size: 5 * 2 ** 30 });
    const asked = await client().ask('huge');
    await asked.until('\r\n\r\n');
    asked.socket.pause();
    await s3.waitFor(() => (s3.seen[0]?.bodyBytesSent ?? 0) > 0, 'the first piece');
    expect(s3.seen[0]!.state).toBe('answering');
    asked.socket.destroy();
    await s3.waitFor(
      () => s3.seen[0]!.state === 'abandoned' && s3.openConnections() === 0,
      'the client to be gone',
    );
    expect(s3.seen[0]!.bodyBytesSent).toBeLessThan(64 * 2 ** 20);
  });
});

describe('connections', () => {
  test('are closed after so many requests', async () => {
    await s3.close();
    await restart({ requestsPerConnection: 2 });
    const asked = client();
    await (await asked.ask('ten')).until('0123456789');
    expect(asked.head).not.toContain('connection:');
    await (await asked.ask('ten')).untilClosed();
    expect([asked.head.includes('\r\nconnection: close'), asked.closedBy]).toEqual([true, 'fin']);
  });

  test('are closed when idle', async () => {
    await s3.close();
    await restart({ idleCloseMs: 20 });
    const asked = await client().ask('ten');
    await asked.untilClosed();
    expect([asked.body, asked.closedBy]).toEqual(['0123456789', 'fin']);
    await s3.waitFor(() => s3.openConnections() === 0, 'the connection to be gone');
  });

  test('speak TLS, and reset below it', async () => {
    const authority = await createTestAuthority();
    const { ca } = authority;
    const tls = await authority.issue();
    await authority.remove();
    await s3.close();
    await restart({ tls });
    const asked = await client({ ca }).ask('ten');
    await asked.until('0123456789');
    expect([s3.endpoint, s3.seen[0]!.servername]).toEqual([`https://127.0.0.1:${s3.port}`, 'localhost']);
    s3.inject({ kind: 'reset', at: 4 });
    asked.received = '';
    await (await asked.ask('ten')).untilClosed();
    expect([asked.body, asked.closedBy]).toEqual(['0123', 'reset']);
    await s3.waitFor(() => s3.openConnections() === 0, 'the connection to be gone');
  });
});

describe('faults are played', () => {
  test('on the nth request of a key, so many times', async () => {
    s3.put('other', 'other');
    s3.inject({ kind: 'status', status: 503, code: 'SlowDown' }, { key: 'ten', nth: 2, times: 2 });
    const asked = client();
    for (const key of ['ten', 'other', 'ten', 'other', 'ten', 'ten']) {
      asked.received = '';
      await (await asked.ask(key)).until(key === 'other' ? 'other' : '\r\n\r\n');
    }
    await s3.waitFor(() => s3.seen.length === 6, 'six requests');
    expect(s3.seen.map(({ fault }) => fault === 'status')).toEqual([false, false, true, false, true, false]);
  });

  test('in their turn, and no more once cleared', async () => {
    s3.inject({ kind: 'status', status: 500, code: 'InternalError' });
    s3.inject({ kind: 'status', status: 503, code: 'SlowDown' }, { times: Infinity });
    const asked = client();
    await (await asked.ask('ten')).until('<Code>InternalError</Code>');
    await (await asked.ask('ten')).until('<Code>SlowDown</Code>');
    s3.clearFaults();
    await (await asked.ask('ten')).until('0123456789');
  });
});

test('waitFor gives up with its label', async () => {
  await expect(s3.waitFor(() => false, 'the impossible', 10)).rejects.toThrow('the impossible');
});

test('status: an error of S3 with headers', async () => {
  const headers = { 'Retry-After': '7', 'x-amz-bucket-region': 'us-east-2' };
  const asked = await ask({
    kind: 'status',
    status: 503,
    code: 'SlowDown',
    headers,
    details: { Hint: 'a<b' },
  });
  await asked.until('\r\n0\r\n\r\n');
  expect(asked.head).toMatch(/^http\/1\.1 503 service unavailable\r\n/);
  expect(asked.head).toContain('\r\nretry-after: 7\r\nx-amz-bucket-region: us-east-2\r\n');
  expect(asked.head).toContain('\r\ntransfer-encoding: chunked\r\n');
  expect(asked.body).toMatch(/^[0-9a-f]+\r\n<\?xml .*\n<Error><Code>SlowDown<\/Code>.*<Hint>a&lt;b<\/Hint>/);
  await expectKept(asked);
});

test('status: with Connection: close the error ends the connection; HEAD has no body', async () => {
  const fault: Fault = {
    kind: 'status',
    status: 500,
    code: 'InternalError',
    headers: { Connection: 'close' },
  };
  const asked = await ask(fault, {}, 'HEAD');
  await asked.untilClosed();
  expect([asked.head.includes('connection: close'), asked.body, asked.closedBy]).toEqual([true, '', 'fin']);
});

describe('redirect', () => {
  test('301 without Location', async () => {
    const asked = await ask({ kind: 'redirect', status: 301, region: 'us-west-2' });
    await asked.until('</Error>\r\n0\r\n\r\n');
    expect(asked.head).toMatch(/^http\/1\.1 301 /);
    expect(asked.head).toContain('x-amz-bucket-region: us-west-2');
    expect(asked.head).not.toContain('location:');
    expect(asked.body).toMatch(/<Code>PermanentRedirect<\/Code>.*<Endpoint>/);
    await expectKept(asked);
  });

  test.each([301, 302, 307] as const)('%i with Location', async (status) => {
    const asked = await ask({ kind: 'redirect', status, location: 'http://elsewhere.example/ten' });
    await asked.until('</Error>\r\n0\r\n\r\n');
    expect(asked.head.startsWith(`http/1.1 ${status} `)).toBe(true);
    expect(asked.head).toContain('\r\nlocation: http://elsewhere.example/ten\r\n');
  });
});

describe.each([
  ['reset', 'reset'],
  ['finish', 'fin'],
] as const)('%s', (kind, closedBy) => {
  test('before the head', async () => {
    const asked = await ask({ kind, at: 'before-head' });
    await asked.untilClosed();
    expect([asked.received, asked.closedBy]).toEqual(['', closedBy]);
  });

  test('inside the head', async () => {
    const asked = await ask({ kind, at: 'in-head' });
    await asked.untilClosed();
    expect(asked.received).toMatch(/^HTTP\/1\.1 200 OK\r\nx-amz-id-2: /);
    expect([asked.received.includes('\r\n\r\n'), asked.closedBy]).toEqual([false, closedBy]);
  });

  test.each([0, 4])('after %i body bytes', async (at) => {
    const asked = await ask({ kind, at });
    await asked.untilClosed();
    expect(asked.head).toContain('content-length: 10');
    expect([asked.body, asked.closedBy]).toEqual(['0123456789'.slice(0, at), closedBy]);
    expect(s3.seen[0]).toMatchObject({ fault: kind, bodyBytesSent: at, state: 'done' });
  });
});

describe('stall', () => {
  test('before the head, until released', async () => {
    const asked = await ask({ kind: 'stall', at: 'before-head' });
    await s3.waitFor(() => s3.seen[0]?.state === 'stalled', 'the stall');
    expect(asked.received).toBe('');
    s3.release();
    await asked.until('0123456789');
    await expectKept(asked);
  });

  test('inside the head, for a time', async () => {
    const asked = await ask({ kind: 'stall', at: 'in-head', forMs: 30 });
    await s3.waitFor(() => s3.seen[0]?.state === 'stalled', 'the stall');
    const startMs = performance.now();
    await asked.until('0123456789');
    expect(performance.now() - startMs).toBeGreaterThan(20);
    expect(asked.head).toContain('content-length: 10');
  });

  test('after some body bytes, until the client leaves', async () => {
    const asked = await ask({ kind: 'stall', at: 4 });
    await asked.until('\r\n\r\n0123');
    await s3.waitFor(() => s3.seen[0]?.state === 'stalled', 'the stall');
    asked.socket.end();
    await s3.waitFor(() => s3.seen[0]?.state === 'abandoned', 'the client to be gone');
    expect(asked.body).toBe('0123');
  });
});

test('drip: the body comes in small pieces', async () => {
  const asked = await ask({ kind: 'drip', bytes: 3, everyMs: 10 });
  const pieces: string[] = [];
  asked.socket.on('data', (bytes: Buffer) => pieces.push(bytes.toString()));
  await asked.until('0123456789');
  expect(pieces.slice(-3)).toEqual(['345', '678', '9']);
});

describe('content-length', () => {
  test('too large: FIN comes first', async () => {
    const asked = await ask({ kind: 'content-length', delta: 5 });
    await asked.untilClosed();
    expect(asked.head).toContain('\r\ncontent-length: 15\r\n');
    expect([asked.body, asked.closedBy]).toEqual(['0123456789', 'fin']);
  });

  test('too large: and then silence', async () => {
    const asked = await ask({ kind: 'content-length', delta: 5, then: 'stall' });
    await asked.until('0123456789');
    await s3.waitFor(() => s3.seen[0]?.state === 'stalled', 'the stall');
    expect(asked.closedBy).toBeUndefined();
  });

  test('too small: there is more than promised', async () => {
    const asked = await ask({ kind: 'content-length', delta: -4 });
    await asked.until('\r\n\r\n0123456789');
    expect(asked.head).toContain('\r\ncontent-length: 6\r\n');
    await expectKept(asked);
  });
});

test.each([
  ['none', 'a\r\n0123456789\r\n0\r\n\r\n', undefined],
  ['bad-size', 'xyz\r\na\r\n0123456789\r\n0\r\n\r\n', undefined],
  ['no-end', 'a\r\n0123456789\r\n', 'fin'],
  ['short-chunk', 'ff\r\nshort\r\n0\r\n\r\n', undefined],
] as const)('chunked: damage %s', async (damage, body, closedBy) => {
  const asked = await ask({ kind: 'chunked', damage });
  await (closedBy === undefined ? asked.until(body) : asked.untilClosed());
  expect([asked.body, asked.closedBy]).toEqual([body, closedBy]);
  expect(asked.head).toContain('\r\ntransfer-encoding: chunked');
  expect(asked.head).not.toContain('content-length');
});

test('until-close: only FIN ends the body', async () => {
  const asked = await ask({ kind: 'until-close' });
  await asked.untilClosed();
  expect(asked.head).not.toMatch(/content-length|transfer-encoding|connection/);
  expect([asked.body, asked.closedBy]).toEqual(['0123456789', 'fin']);
});

describe('content-range', () => {
  test.each([
    ['bytes 0-2/10', '\r\ncontent-range: bytes 0-2/10\r\n'],
    ['nonsense', '\r\ncontent-range: nonsense\r\n'],
    [null, undefined],
  ])('says %s', async (value, line) => {
    const asked = await ask({ kind: 'content-range', value }, { Range: 'bytes=2-4' });
    await asked.until('\r\n\r\n234');
    expect(asked.head).toContain('http/1.1 206 ');
    expect(asked.head.includes('content-range')).toBe(line !== undefined);
    expect(asked.head).toContain(line ?? '');
    await expectKept(asked);
  });

  test('is shifted together with the body', async () => {
    const asked = await ask({ kind: 'content-range', shiftBytes: 3 }, { Range: 'bytes=2-4' });
    await asked.until('\r\n\r\n567');
    expect(asked.head).toContain('\r\ncontent-range: bytes 5-7/10\r\n');
  });

  test('is shifted in secret', async () => {
    const value = 'bytes 2-4/10';
    const asked = await ask({ kind: 'content-range', shiftBytes: 3, value }, { Range: 'bytes=2-4' });
    await asked.until('\r\n\r\n567');
    expect(asked.head).toContain('\r\ncontent-range: bytes 2-4/10\r\n');
  });
});

test('whole-for-range: 200 and everything', async () => {
  const asked = await ask({ kind: 'whole-for-range' }, { Range: 'bytes=2-4' });
  await asked.until('\r\n\r\n0123456789');
  expect(asked.head).toContain('http/1.1 200 ok');
  expect(asked.head).not.toContain('content-range');
});

test('etag: another one', async () => {
  const asked = await ask({ kind: 'etag', etag: '"changed"' });
  await asked.until('0123456789');
  expect(asked.head.match(/\r\netag: .*/g)).toEqual(['\r\netag: "changed"']);
});

test('close: Connection: close and FIN', async () => {
  const asked = await ask({ kind: 'close' });
  await asked.untilClosed();
  expect(asked.head).toContain('\r\nconnection: close');
  expect([asked.body, asked.closedBy]).toEqual(['0123456789', 'fin']);
});

test('garbage: no HTTP', async () => {
  const asked = await ask({ kind: 'garbage' });
  await asked.untilClosed();
  expect(asked.received).toMatch(/^\0\xffthis is no HTTP/);
  expect(asked.closedBy).toBe('fin');
});

test.each([100, 103] as const)('interim: %i, then the answer', async (status) => {
  const asked = await ask({ kind: 'interim', status });
  await asked.until('0123456789');
  expect(asked.received).toMatch(
    new RegExp(`^HTTP/1\\.1 ${status} [A-Z][^]*\\r\\n\\r\\nHTTP/1\\.1 200 OK\\r\\n`),
  );
  await expectKept(asked);
});

test('headers: replaced, removed, added', async () => {
  const asked = await ask({
    kind: 'headers',
    set: { 'content-type': 'text/html', 'Last-Modified': null, 'Content-Encoding': '' },
    add: [
      ['Content-Encoding', 'aws-chunked'],
      ['x-amz-meta-a', 'c'],
    ],
  });
  await asked.until('0123456789');
  expect(asked.head).toContain('\r\ncontent-type: text/html\r\n');
  expect(asked.head).not.toContain('last-modified');
  expect(asked.head).toMatch(/\r\ncontent-encoding: \r\ncontent-encoding: aws-chunked\r\nx-amz-meta-a: c$/);
  expect(asked.head).toContain('\r\nx-amz-meta-a: b\r\n');
  await expectKept(asked);
});

test('long-head: longer by so many bytes', async () => {
  const plain = await client().ask('ten');
  await plain.until('0123456789');
  const asked = await ask({ kind: 'long-head', bytes: 20_000 });
  await asked.until('0123456789');
  expect(asked.head.length - plain.head.length).toBe(20_000);
});

describe('raw', () => {
  const bytes = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi';

  test.each([
    ['finish', 'fin'],
    ['reset', 'reset'],
  ] as const)('then %s', async (then, closedBy) => {
    const asked = await ask({ kind: 'raw', bytes, then });
    await asked.untilClosed();
    expect([asked.received, asked.closedBy]).toEqual([bytes, closedBy]);
  });

  test('then the next request', async () => {
    const asked = await ask({ kind: 'raw', bytes: Buffer.from(bytes), then: 'keep' });
    await asked.until(bytes);
    await expectKept(asked);
  });

  test('then silence', async () => {
    const asked = await ask({ kind: 'raw', bytes, then: 'stall' });
    await asked.until(bytes);
    await s3.waitFor(() => s3.seen[0]?.state === 'stalled', 'the stall');
  });
});
