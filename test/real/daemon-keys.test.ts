import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import hostileKeys from '../fixtures/hostile-keys.json' with { type: 'json' };
import { encodeS3Path, sendSigned } from '../servers/send-signed-request.ts';
import { type RunningNginx, startNginx } from '../servers/start-nginx.ts';
import { type Swift, startSwift } from '../servers/start-swift.ts';
import { sendRequest } from '../support/send-request.ts';
import { startProxy, type TestProxy } from '../support/start-proxy.ts';

const BUCKET = 'hostile';
const objects = hostileKeys.map((key, index) => ({ key, body: `body of key ${index}` }));
const refused = objects.filter(({ key }) => /(?:^|\/)\.{1,2}(?:\/|$)/.test(key));
const served = objects.filter((object) => !refused.includes(object));

let swift: Swift;
let proxy: TestProxy;
let nginx: RunningNginx;

beforeAll(async () => {
  swift = await startSwift();
  await swift.createBucket(BUCKET);
  for (const { key, body } of objects) await swift.putObject(BUCKET, key, Buffer.from(body));
  const endpoint = `http://127.0.0.1:${swift.httpPort}`;
  proxy = await startProxy({
    settings: { 's3.bucket': BUCKET, 's3.region': swift.region, 's3.endpoint': endpoint },
    credentials: swift,
  });
  nginx = await startNginx({
    conf: `include /etc/nginx/s3-helper/upstream-s3-helper.conf;
      server {
        listen 127.0.0.1:8000;
        merge_slashes off;
        location /s3/ { include /etc/nginx/s3-helper/proxy-params.conf; proxy_pass http://s3_helper/; }
      }`,
    replacements: { 'server 127.0.0.1:8080': `server 127.0.0.1:${proxy.port}` },
  });
});

afterAll(async () => {
  await nginx.close();
  await proxy.close();
  await swift.close();
});

test('of the 44 keys three have a dot segment', () => {
  expect([objects.length, refused.map(({ key }) => key)]).toEqual([44, ['x/./y', 'x/../y', '..']]);
});

describe.each([
  ['percent-encoded throughout', encodeS3Path],
  ['percent-encoded as nginx does it', (key: string) => `/${escapeAsNginx(key)}`],
  ['percent-encoded needlessly, in lower case', (key: string) => `/${escapeEveryByte(key)}`],
])('a key that is %s', (_, toTarget) => {
  test('names its own object', async () => {
    const answers: unknown[] = [];
    for (const { key } of served) {
      const { status, text } = await ask(toTarget(key));
      answers.push({ key, status, body: text });
    }
    expect(answers).toEqual(served.map((object) => ({ ...object, status: 200 })));
  });

  test('is refused for a dot segment, before S3 is asked', async () => {
    for (const { key } of refused) {
      const { status, text, report } = await ask(toTarget(key));
      expect([key, status]).toEqual([key, 400]);
      expect(text).toContain('<Code>InvalidURI</Code>');
      expect(report).toMatchObject({ failure: 'dot_segment', attempts: 0 });
    }
  });
});

test('the reference signer alone would read the refused keys, each by its own body', async () => {
  const { httpPort: port, region, accessKeyId, secretAccessKey } = swift;
  for (const { key, body } of refused) {
    const answer = await sendSigned(
      { port, region, accessKeyId, secretAccessKey },
      { method: 'GET', path: encodeS3Path(BUCKET, key) },
    );
    expect([key, answer.status, answer.body.toString()]).toEqual([key, 200, body]);
  }
});

test('through nginx, which decodes and escapes the key anew, every key names its own object', async () => {
  const answers: unknown[] = [];
  for (const { key } of served) {
    const { status, text } = await ask(`/s3${encodeS3Path(key)}`, nginx.port);
    answers.push({ key, status, body: text });
  }
  expect(answers).toEqual(served.map((object) => ({ ...object, status: 200 })));
});

test('a raw plus is a plus, not a space', async () => {
  const plus = await ask('/a+b');
  const space = await ask('/a%20b');
  expect([plus.text, space.text]).toEqual([bodyOf('a+b'), bodyOf('a b')]);
});

test('a slash is a slash in any spelling, and a percent-encoded percent sign is not decoded twice', async () => {
  const slash = await ask('/x%2F');
  const percent = await ask('/a%252Fb');
  expect([slash.text, percent.text]).toEqual([bodyOf('x/'), bodyOf('a%2Fb')]);
});

/** The answer, and the one report of the request. */
async function ask(target: string, port = proxy.port) {
  const answer = await sendRequest(port, target);
  return { ...answer, report: await proxy.nextReport() };
}

/** NGX_ESCAPE_URI, by which proxy_pass writes a decoded path: controls, a few marks and what is not ASCII. */
function escapeAsNginx(key: string): string {
  return Array.from(Buffer.from(key), (byte) => {
    const char = String.fromCharCode(byte);
    return byte <= 0x20 || byte >= 0x7f || '"#%<>?\\^`{|}'.includes(char)
      ? percent(byte).toUpperCase()
      : char;
  }).join('');
}

function escapeEveryByte(key: string): string {
  return Array.from(Buffer.from(key), percent).join('');
}

function percent(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}

function bodyOf(wanted: string): string | undefined {
  return objects.find(({ key }) => key === wanted)?.body;
}
