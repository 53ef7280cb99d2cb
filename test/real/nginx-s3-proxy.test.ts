import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedBody, loadTrace, replayTrace, traceObjects } from '../servers/packager-trace.ts';
import { type DeveloperStub, startDeveloperStub } from '../servers/start-developer-stub.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../servers/start-recording-upstream.ts';
import { sendRequest } from '../support/send-request.ts';

const requests = loadTrace();
const objects = traceObjects(requests);
const clip = objects.get('small/clip.mp4')!;

// The packager's part is played by an internal redirect: it too puts the player's path behind /s3.
const CONF = `
include /etc/nginx/s3-helper/upstream-s3-helper.conf;
server {
  listen 127.0.0.1:8000;
  location / { return 404; }
  location ~ ^/(hls|dash|mss|thumb|mapped|media|pd)/ { rewrite ^ /s3$uri last; }
  include /etc/nginx/s3-helper/s3-proxy.conf;
}`;
const LOCATIONS = ['hls', 'dash', 'mss', 'thumb', 'mapped/hls', 'mapped/dash', 'mapped/mss', 'media', 'pd'];

describe('the packager’s way to a folder of objects', () => {
  let stub: DeveloperStub;
  let nginx: RunningNginx;
  beforeAll(async () => {
    stub = await startDeveloperStub({ objects });
    nginx = await startNginx({
      conf: CONF,
      replacements: { 'server 127.0.0.1:8080': `server ${stub.upstream}` },
    });
  });
  afterAll(async () => {
    await nginx.close();
    await stub.close();
  });

  test.each(LOCATIONS)('/s3/%s/ gives the recorded playback, byte for byte', async (location) => {
    const prefixed = requests.map((traced) => ({ ...traced, target: `/${location}${traced.target}` }));
    const answers = await replayTrace({ port: nginx.port, requests: prefixed });
    const isRight = answers.map(
      ({ status, body }, index) =>
        status === requests[index]!.status && (expectedBody(requests[index]!, objects)?.equals(body) ?? true),
    );
    expect(isRight).toEqual(requests.map(() => true));
  });

  test.each([
    '/s3/hls/small/clip.mp4',
    '/s3/pd/small/clip.mp4',
    '/s3/media/small/clip.mp4',
    '/s3/small/clip.mp4',
  ])('players cannot ask for %s', async (target) => {
    expect((await sendRequest(nginx.port, target)).status).toBe(404);
  });

  test('416 comes through to the packager and to a progressive player', async () => {
    for (const location of ['hls', 'pd']) {
      const headers = { Range: 'bytes=9999999-' };
      const answer = await sendRequest(nginx.port, `/${location}/small/clip.mp4`, { headers });
      expect([answer.status, answer.headers['content-range']]).toEqual([416, `bytes */${clip.length}`]);
    }
  });

  test('a condition counts for a progressive player, not for a media read', async () => {
    const headers = { 'If-Modified-Since': new Date().toUTCString() };
    expect((await sendRequest(nginx.port, '/pd/small/clip.mp4', { headers })).status).toBe(304);
    expect((await sendRequest(nginx.port, '/hls/small/clip.mp4', { headers })).status).toBe(200);
  });
});

describe('the packager’s way, on the wire to s3-helper', () => {
  let upstream: RecordingUpstream;
  let nginx: RunningNginx;
  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    nginx = await startNginx({
      conf: CONF,
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
    'If-None-Match': '"y"',
    'User-Agent': 'Player/1.0',
    Cookie: 'a=b',
    Authorization: 'Basic eA==',
    Referer: 'https://media.example.com/',
    Origin: 'https://media.example.com',
    'X-Forwarded-For': '192.0.2.1',
    'Cache-Control': 'no-cache',
    Pragma: 'no-cache',
    'Accept-Encoding': 'gzip',
  };

  test('a media read has the range and nothing else of the player but its User-Agent', async () => {
    await sendRequest(nginx.port, '/hls/a/b.mp4', { headers: player });
    expect(upstream.requests.at(-1)).toEqual({
      line: 'GET /a/b.mp4 HTTP/1.1',
      headers: [
        ['host', 's3-helper'],
        ['range', 'bytes=1-2'],
        ['user-agent', 'Player/1.0'],
      ],
    });
  });

  test('a progressive read has the player’s conditions too', async () => {
    await sendRequest(nginx.port, '/pd/a/b.mp4', { headers: player });
    expect(upstream.requests.at(-1)!.headers.map(([name]) => name)).toEqual([
      'host',
      'range',
      'if-range',
      'if-none-match',
      'user-agent',
    ]);
  });

  test.each([
    ["/hls/sub/pct%2520&semi;colon=eq~t'(x)!@$,.mp4", "/sub/pct%2520&semi;colon=eq~t'(x)!@$,.mp4"],
    ['/hls/%7Btest%7D[1]%22%3C%3E%5C%5E%60%7C.mp4', '/%7Btest%7D[1]%22%3C%3E%5C%5E%60%7C.mp4'],
    ['/hls/a%2Bb/q%3Fx%23y.mp4', '/a+b/q%3Fx%23y.mp4'],
    ['/media/%E6%97%A5%20%C3%A9.mp4', '/%E6%97%A5%20%C3%A9.mp4'],
  ])('the key of %s is sent percent-encoded', async (target, sent) => {
    await sendRequest(nginx.port, target);
    expect(upstream.requests.at(-1)!.line).toBe(`GET ${sent} HTTP/1.1`);
  });

  test.each([403, 404, 416, 429, 500, 502, 503, 504])('status %i comes through', async (status) => {
    const [media, progressive] = await Promise.all([
      sendRequest(nginx.port, `/media/${status}`),
      sendRequest(nginx.port, `/pd/${status}`),
    ]);
    expect([media.status, progressive.status]).toEqual([status, status]);
    // Interception leaves the body out; 416 must not be intercepted.
    expect([media.text, progressive.text]).toEqual([status === 416 ? 'ok' : '', 'ok']);
  });
});
