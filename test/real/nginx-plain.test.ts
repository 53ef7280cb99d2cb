import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedBody, loadTrace, replayTrace, traceObjects } from '../servers/packager-trace.ts';
import { type DeveloperStub, startDeveloperStub } from '../servers/start-developer-stub.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../servers/start-recording-upstream.ts';
import { sendRequest } from '../support/send-request.ts';

const UPSTREAM = 'include /etc/nginx/s3-helper/upstream-s3-helper.conf;';
const requests = loadTrace();
const objects = traceObjects(requests);
const clip = objects.get('small/clip.mp4')!;

describe('plain.conf and evs-style.conf', () => {
  let stub: DeveloperStub;
  let socketStub: DeveloperStub;
  let nginx: RunningNginx;
  beforeAll(async () => {
    stub = await startDeveloperStub({ objects });
    socketStub = await startDeveloperStub({ objects, onSocket: true });
    nginx = await startNginx({
      conf: `${UPSTREAM} include /etc/nginx/s3-helper/plain.conf; include /etc/nginx/s3-helper/evs-style.conf;`,
      replacements: {
        '127.0.0.1:8080': stub.upstream,
        'unix:/run/s3-helper/s3-helper.sock': socketStub.upstream,
      },
    });
  });
  afterAll(async () => {
    await nginx.close();
    await stub.close();
    await socketStub.close();
  });

  describe.each([
    ['plain over TCP', '127.0.0.1:8081'],
    ['plain over the unix socket', '127.0.0.1:8082'],
    ['evs-style', '127.0.0.1:8084'],
  ])('%s', (_, address) => {
    test('passes the recorded playback through, byte for byte', async () => {
      const answers = await replayTrace({ port: nginx.ports.get(address)!, requests });
      const isRight = answers.map(
        ({ status, body }, index) =>
          status === requests[index]!.status &&
          (expectedBody(requests[index]!, objects)?.equals(body) ?? true),
      );
      expect(isRight).toEqual(requests.map(() => true));
    });

    test.each([
      [{ Range: 'bytes=9999999-' }, 416],
      [{ Range: 'bytes=-7' }, 206],
      [{ 'If-Match': '"other"' }, 412],
    ] as const)('lets %j and its answer %i through', async (headers, status) => {
      const answer = await sendRequest(nginx.ports.get(address)!, '/small/clip.mp4', { headers });
      expect(answer.status).toBe(status);
      if (status === 416) expect(answer.headers['content-range']).toBe(`bytes */${clip.length}`);
      if (status === 206) expect(answer.body.equals(clip.subarray(-7))).toBe(true);
    });

    test('lets If-Modified-Since and its answer 304 through', async () => {
      const port = nginx.ports.get(address)!;
      const { headers } = await sendRequest(port, '/small/clip.mp4', { method: 'HEAD' });
      const since = { 'If-Modified-Since': headers['last-modified']! };
      expect((await sendRequest(port, '/small/clip.mp4', { headers: since })).status).toBe(304);
    });
  });

  test('plain answers players of any Host, evs-style hands the Host on', async () => {
    const headers = { Host: 'media.example.com' };
    const plain = await sendRequest(nginx.ports.get('127.0.0.1:8081')!, '/small/clip.mp4', { headers });
    const old = await sendRequest(nginx.ports.get('127.0.0.1:8084')!, '/small/clip.mp4', { headers });
    expect([plain.status, old.status]).toEqual([200, 421]);
  });
});

describe('on the wire to s3-helper', () => {
  let upstream: RecordingUpstream;
  let nginx: RunningNginx;
  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    nginx = await startNginx({
      conf: `${UPSTREAM} include /etc/nginx/s3-helper/plain.conf; include /etc/nginx/s3-helper/evs-style.conf;`,
      replacements: { '127.0.0.1:8080': `127.0.0.1:${upstream.port}` },
    });
  });
  afterAll(async () => {
    await nginx.close();
    await upstream.close();
  });

  const player = {
    Host: 'media.example.com',
    Range: 'bytes=1-2',
    'If-Range': '"x"',
    'User-Agent': 'Player/1.0',
    Cookie: 'a=b',
    Authorization: 'Basic eA==',
    'Accept-Encoding': 'gzip',
    Origin: 'https://media.example.com',
  };

  test('plain.conf sends the path as it came, the range, and none of the player’s secrets', async () => {
    const agent = new Agent({ keepAlive: true });
    const port = nginx.ports.get('127.0.0.1:8081')!;
    await sendRequest(port, "/a+b//c%20d%2Fe;'x?versionId=1", { headers: player, agent });
    agent.destroy();
    expect(upstream.requests.at(-1)).toEqual({
      line: "GET /a+b//c%20d%2Fe;'x?versionId=1 HTTP/1.1",
      headers: [
        ['host', 's3-helper'],
        ['range', 'bytes=1-2'],
        ['if-range', '"x"'],
        ['user-agent', 'Player/1.0'],
      ],
    });
  });

  test('evs-style.conf speaks HTTP/1.0 with a connection per request', async () => {
    await sendRequest(nginx.ports.get('127.0.0.1:8084')!, '/key', { headers: player });
    const { line, headers } = upstream.requests.at(-1)!;
    expect(line).toBe('GET /key HTTP/1.0');
    expect(headers).toContainEqual(['host', 'media.example.com']);
    expect(headers).toContainEqual(['connection', 'close']);
  });
});
