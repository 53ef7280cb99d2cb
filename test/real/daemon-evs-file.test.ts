import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningProgram, startProgram } from '../cli/run-program.ts';
import { expectedBody, loadTrace, replayTrace, traceObjects } from '../servers/packager-trace.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import { sendRequest } from '../support/send-request.ts';

const MEDIA = 'evs-media';
const ADVERTS = 'evs-adverts';
const ADVERT = Buffer.from('buy one, get one');
const PLAYER_HOST = 'media.example.com';
const requests = loadTrace();
const objects = traceObjects(requests);

/** A file as evs-s3helper's users have it; only the endpoint is new, as theirs was always AWS's. */
function createEvsFile(endpoint: string): string {
  return `listen: "127.0.0.1:0"
concurrency: 0
s3_bucket: "${MEDIA}"
s3_ad_bucket: "${ADVERTS}"
s3_region: "us-east-1"
s3_path: "/vod"
s3_retries: 10
s3_timeout: 120s
logging:
    ident: s3-helper
    level: "info"
newrelic:
    name: "s3-helper"
    license: "None"
statsd_addr: "127.0.0.1:8125"
statsd_env: test
s3:
    endpoint: ${endpoint}
`;
}

let directory: string;
let swift: Swift;
let program: RunningProgram;
let port: number;
let nginx: RunningNginx;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 's3-helper-evs-'));
  swift = await startSwift();
  await swift.createBucket(MEDIA);
  await swift.createBucket(ADVERTS);
  // evs-s3helper put the prefix before the keys of both.
  for (const [key, body] of objects) await swift.putObject(MEDIA, `vod/${key}`, body);
  await swift.putObject(ADVERTS, 'vod/spot 1.mp4', ADVERT);
  const file = join(directory, 's3-helper.yml');
  await writeFile(file, createEvsFile(`http://127.0.0.1:${swift.httpPort}`));
  const { accessKeyId, secretAccessKey } = swift;
  program = await startProgram([`-config=${file}`], {
    environment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  });
  const [address = ''] = program.listen;
  port = Number(/^127\.0\.0\.1:(\d+)$/.exec(address)?.[1]);
  nginx = await startNginx({
    conf: 'include /etc/nginx/s3-helper/evs-style.conf;',
    replacements: { '127.0.0.1:8080': address },
  });
});

afterAll(async () => {
  await nginx.close();
  expect(await program.stop()).toBe(0);
  await swift.close();
  await rm(directory, { recursive: true });
});

test('the recorded playback is right to the byte, behind nginx as it was configured for evs-s3helper', async () => {
  const answers = await replayTrace({ port: nginx.port, requests, host: PLAYER_HOST });
  const wrong = requests.filter((traced, index) => {
    const { status, body } = answers[index]!;
    return status !== traced.status || expectedBody(traced, objects)?.equals(body) === false;
  });
  expect([answers.length, wrong]).toEqual([79, []]);
});

test('any Host is accepted, and the start says how to end that', async () => {
  for (const host of [PLAYER_HOST, 'rebound.example.org:8080', 's3-helper', '192.0.2.1']) {
    const answer = await sendRequest(port, '/small/clip.mp4', { method: 'HEAD', headers: { Host: host } });
    expect([host, answer.status]).toEqual([host, 200]);
  }
  const warnings = program.log.filter(({ level }) => level === 'warn').map(({ msg }) => String(msg));
  expect(warnings.filter((warning) => warning.includes('allowed_hosts'))).toHaveLength(1);
});

test('what is below /avod/ comes from the second bucket, and from it alone', async () => {
  const ask = (target: string, headers = {}) => sendRequest(nginx.port, target, { headers });
  const whole = await ask('/avod/spot%201.mp4');
  const part = await ask('/avod/spot%201.mp4', { Range: 'bytes=4-6' });
  expect([whole.status, whole.body]).toEqual([200, ADVERT]);
  expect([part.status, part.text, part.headers['content-range']]).toEqual([206, 'one', 'bytes 4-6/16']);
  expect((await ask('/avod/small/clip.mp4')).status).toBe(404);
  expect((await ask('/spot%201.mp4')).status).toBe(404);
});

test('what made evs-s3helper panic or read something else is an answer', async () => {
  const statusOf = async (target: string) => (await sendRequest(port, target)).status;
  expect(await statusOf('/')).toBe(404);
  expect(await statusOf('/abc')).toBe(404);
  expect(await statusOf('/avod')).toBe(404);
  expect(await statusOf('/avod/')).toBe(404);
  // There it was signed as a read of the object's access control list.
  expect(await statusOf('/small/clip.mp4%3Facl')).toBe(404);
});
