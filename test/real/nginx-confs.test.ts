import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedBody, loadTrace, replayTrace, traceObjects } from '../servers/packager-trace.ts';
import { type DeveloperStub, startDeveloperStub } from '../servers/start-developer-stub.ts';
import { testNginxConf } from '../servers/start-nginx.ts';
import { sendRequest } from '../support/send-request.ts';

const UPSTREAM = 'include /etc/nginx/s3-helper/upstream-s3-helper.conf;';
const requests = loadTrace();
const objects = traceObjects(requests);
const clip = objects.get('small/clip.mp4')!;

describe('nginx takes the shipped configuration without a warning', () => {
  test.each([
    ['plain.conf', UPSTREAM],
    ['caching.conf', UPSTREAM],
    ['evs-style.conf', ''],
    ['developer-stub.conf', ''],
  ])('%s', async (name, before) => {
    const said = await testNginxConf({ conf: `${before} include /etc/nginx/s3-helper/${name};` });
    expect(said).toContain('test is successful');
    expect(said).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/);
  });

  test('all but the stub beside each other', async () => {
    const names = ['upstream-s3-helper', 'plain', 'caching', 'evs-style'];
    const conf = names.map((name) => `include /etc/nginx/s3-helper/${name}.conf;`).join('\n');
    await expect(testNginxConf({ conf })).resolves.not.toMatch(/\[(warn|error|crit|alert|emerg)\]/);
  });

  test('packager.conf, apart from the directives of the VOD module', async () => {
    const packager = readFileSync(join(import.meta.dirname, '../../nginx/packager.conf'), 'utf8');
    const conf = packager.replace(/^(\s*(?:location [^{]*\{ )?)vod(?:_\w+)? [^;{}]*;/gm, '$1');
    expect(conf).toContain('location /hls/ {  }');
    await expect(testNginxConf({ conf: `${UPSTREAM}\n${conf}` })).resolves.not.toMatch(
      /\[(warn|error|emerg)\]/,
    );
  });

  test('a mistake is told in the words of nginx', async () => {
    await expect(testNginxConf({ conf: 'vod hls;' })).rejects.toThrow(/unknown directive "vod"/);
  });
});

describe.each([false, true])('the developer stub (on a unix socket: %s)', (onSocket) => {
  let stub: DeveloperStub;
  beforeAll(async () => {
    stub = await startDeveloperStub({ objects, onSocket });
  });
  afterAll(() => stub.close());

  test('serves the whole recorded playback, byte for byte', async () => {
    const place = onSocket ? { socketPath: stub.socketPath } : { port: stub.port };
    const answers = await replayTrace({ ...place, requests });
    const seen = answers.map(({ status, body }, index) => ({
      target: requests[index]!.target,
      status,
      isRight: expectedBody(requests[index]!, objects)?.equals(body) ?? status === 404,
    }));
    expect(seen).toEqual(requests.map(({ target, status }) => ({ target, status, isRight: true })));
    const whole = requests.filter(({ status }) => status < 300);
    expect(whole.map((traced) => expectedBody(traced, objects)!.length)).toEqual(
      whole.map(({ length }) => length),
    );
    expect(answers.filter(({ reusedConnection }) => !reusedConnection)).toHaveLength(2);
  });

  test.each([
    ['GET', '/', 404],
    ['GET', '/small', 404],
    ['GET', '/small/', 404],
    ['GET', '/small/clip.mp4/', 404],
    ['GET', '/small/../small/clip.mp4', 400],
    ['GET', '/x/%2e%2E/small/clip.mp4', 400],
    ['GET', '/small/%zz', 400],
    ['GET', '/small/clip.mp4?x=/../y', 200],
    ['POST', '/small/clip.mp4', 405],
    ['DELETE', '/small/clip.mp4', 405],
    ['PUT', '/new', 405],
  ])('answers %s %s with %i, as s3-helper does', async (method, target, status) => {
    const answer = await sendRequest(onSocket ? stub.socketPath : stub.port, target, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers.allow).toBe(status === 405 ? 'GET, HEAD' : undefined);
  });

  test.each([
    ['media.example.com', 421],
    ['media.example.com:8080', 421],
    ['s3-helper', 200],
    ['s3_helper:8080', 200],
    ['localhost', 200],
    ['192.0.2.1', 200],
    ['[::1]:8080', 200],
  ])('answers a request for host %s with %i', async (host, status) => {
    const place = onSocket ? stub.socketPath : stub.port;
    const answer = await sendRequest(place, '/small/clip.mp4', { method: 'HEAD', headers: { Host: host } });
    expect(answer.status).toBe(status);
  });

  test('answers several ranges with the whole object, as S3 does', async () => {
    const place = onSocket ? stub.socketPath : stub.port;
    const answer = await sendRequest(place, '/small/clip.mp4', { headers: { Range: 'bytes=0-1,5-6' } });
    expect(answer.status).toBe(200);
    expect(answer.body.equals(clip)).toBe(true);
  });
});
