import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOG_LEVELS } from '../../src/config/value-schemas.ts';
import { startFakeNewRelic } from '../servers/fake-new-relic.ts';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { askEverything, makePlantedPlace, type PlantedPlace } from './planted-place.ts';
import { findPlanted, PLANTED, PLANTED_CREDENTIAL, PLANTED_KEYS } from './planted-secrets.ts';
import { runToEnd, spawnProgram } from './spawn-program.ts';
import { startDemo } from './start-demo.ts';

const root = mkdtempSync(join(tmpdir(), 's3-helper-secrets-'));
let s3: FakeS3;

beforeAll(async () => {
  s3 = await startFakeS3({ credentials: [PLANTED_CREDENTIAL] });
  s3.put('good', 'x'.repeat(1000));
  const { sessionToken, secretAccessKey } = PLANTED;
  const details = { CanonicalRequest: sessionToken, StringToSign: `AWS4-HMAC-SHA256 ${secretAccessKey}` };
  const bytes = `HTTP/1.1 200 ${sessionToken}\r\n${sessionToken} \0: x\r\n\r\n`;
  const always = (key: string) => ({ key, times: Infinity });
  s3.inject({ kind: 'status', status: 403, code: 'SignatureDoesNotMatch', details }, always('mismatch'));
  s3.inject({ kind: 'status', status: 400, code: sessionToken }, always('code'));
  s3.inject({ kind: 'status', status: 500, code: 'InternalError', details }, always('error'));
  s3.inject({ kind: 'raw', bytes, then: 'finish' }, always('broken'));
});

afterAll(async () => {
  await s3.close();
  rmSync(root, { recursive: true });
});

const makePlace = (more?: string): PlantedPlace => makePlantedPlace(root, s3.endpoint, more);

test('what is looked for would be found, in part and in another form too', () => {
  const { sessionToken, license, webIdentityToken } = PLANTED;
  const forms = [sessionToken.slice(100, 150), encodeURIComponent(sessionToken), `x${license}y`];
  for (const form of [...forms, Buffer.from(webIdentityToken).toString('base64')])
    expect(findPlanted(`"${form}"`)).toHaveLength(1);
  expect(findPlanted('Authorization: AWS4-HMAC-SHA256 Credential=…, Signature=0123456789')).toHaveLength(1);
  expect(findPlanted(`the key …ED01 of ${PLANTED_CREDENTIAL.accessKeyId}`)).toEqual([]);
});

// Several programs start side by side.
describe.concurrent('A daemon that logs at', { timeout: 40_000 }, () => {
  test.for(LOG_LEVELS)('%s keeps its secrets', async (level, context) => {
    const place = makePlace(`log: {level: ${level}}`);
    const daemon = spawnProgram(['--config', place.file], PLANTED_KEYS, context);
    await daemon.untilListening(place.data);
    const answers = await askEverything(place);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
    expect(findPlanted(daemon.output() + answers)).toEqual([]);
    expect(answers).toContain('SignatureDoesNotMatch');
    if (level === 'trace') expect(daemon.output()).toContain('"msg":"request"');
    if (level === 'silent') expect(daemon.output()).toBe('');
  });
});

test('two workers, New Relic, statsd and a log file keep them as well', async (context) => {
  const newRelic = await startFakeNewRelic();
  context.onTestFinished(() => newRelic.close());
  const log = join(root, 'access.log');
  const place = makePlace(
    `newrelic: {license: ${PLANTED.license}, name: media}\nworkers: 2\n` +
      `log: {level: trace, destination: ${log}}\nstatsd: {address: "127.0.0.1:9"}`,
  );
  const environment = { ...PLANTED_KEYS, ...newRelic.environment };
  const daemon = spawnProgram(['run', '--config', place.file], environment, context);
  await daemon.untilListening(place.data);
  const countConnected = (): number => readFileSync(log, 'utf8').split('New Relic is connected').length - 1;
  await waitUntil(() => countConnected() === 2, 'two workers that are connected to New Relic');
  const answers = await askEverything(place);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
  expect(findPlanted(daemon.output() + answers + readFileSync(log, 'utf8'))).toEqual([]);
  // New Relic is told of its own licence, and of nothing else.
  const sent = newRelic.calls.map(({ text }) => text).join('\n');
  expect(findPlanted(sent).filter((name) => name !== 'license')).toEqual([]);
  expect(newRelic.calls.some(({ licenseKey }) => licenseKey === PLANTED.license)).toBe(true);
}, 40_000);

describe.concurrent('An uncaught crash', { timeout: 40_000 }, () => {
  test.for(['properties', 'message', 'cause', 'rejection', 'value'])(
    'keeps them: %s',
    async (kind, context) => {
      const place = makePlace('log: {level: trace}');
      const environment = {
        ...PLANTED_KEYS,
        NODE_OPTIONS: `--import=${join(import.meta.dirname, 'crash-on-purpose.ts')}`,
        CRASH_WHEN_LISTENING: place.data,
        CRASH_KIND: kind,
      };
      const daemon = spawnProgram(['run', '--config', place.file], environment, context);
      expect(await daemon.ended).toBe(70);
      expect(daemon.output()).toContain('s3-helper: crashed: ');
      // Where it was is still told.
      if (kind !== 'value') expect(daemon.output()).toMatch(/^ {4}at .*crash-on-purpose\.ts:\d+/m);
      expect(findPlanted(daemon.output())).toEqual([]);
    },
  );
});

test('no command says one', async (context) => {
  const { file } = makePlace();
  const environment = { ...PLANTED_KEYS, NEW_RELIC_LICENSE_KEY: PLANTED.license };
  const commands = [
    ['--help'],
    ['--version'],
    ['--check', '--config', file],
    ['check', '--config', file],
    ['check', '--config', file, `--newrelic-license=${PLANTED.license}x`],
    ['check', '--config', file, `--newrelic-licens=${PLANTED.license}`],
    ['doctor', '--config', file, '--key', 'good'],
    ['doctor', '--config', file, '--json', '--key', 'mismatch'],
    ['doctor', '--config', file, '--through', `http://me:${PLANTED.license}@127.0.0.1:9/`],
    ['wait', '--config', file, '--timeout', '50ms'],
    ['reload', '--config', file, '--timeout', '50ms'],
  ];
  const said = await Promise.all(commands.map((args) => runToEnd(args, environment, context)));
  const leaks = commands.map(([name], at) => [name, findPlanted(said[at] ?? '')]);
  expect(leaks).toEqual(commands.map(([name]) => [name, []]));
  expect(said.filter((text) => text.length < '0.1.0\n'.length)).toEqual([]);
}, 40_000);

test('a reload that is refused says none, nor does the daemon, nor the file between them', async (context) => {
  const place = makePlace('log: {level: trace}');
  const environment = { ...PLANTED_KEYS, XDG_RUNTIME_DIR: place.directory };
  const daemon = spawnProgram(['--config', place.file], environment, context);
  await daemon.untilListening(place.data);
  const reload = () => runToEnd(['reload', '--config', place.file], environment, context);
  const good = readFileSync(place.file, 'utf8');
  writeFileSync(place.file, `${good}s4: ${PLANTED.sessionToken}\nadmin.listen: ${PLANTED.license}\n`);
  const refused = await reload();
  writeFileSync(place.file, `newrelic: {license: "${PLANTED.license}}\n`);
  const unreadable = await reload();
  const folder = join(place.directory, 's3-helper');
  const between = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toBe(0);
  expect(refused).toContain('s4: no such key');
  expect(unreadable).toContain('is not YAML');
  expect(between).toHaveLength(1);
  expect(findPlanted([refused, unreadable, ...between, daemon.output()].join('\n'))).toEqual([]);
});

test('the demo says nothing of its keys, nor of the real ones of whoever runs it', async () => {
  const demo = await startDemo(['--port', '0'], { environment: PLANTED_KEYS });
  try {
    const [, pid = ''] = /"pid":(\d+)/.exec(demo.output()) ?? [];
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const [, port] = /AWS_EC2_METADATA_SERVICE_ENDPOINT=[^\0]*:(\d+)/.exec(environment) ?? [];
    const token = await sendRequest(Number(port), '/latest/api/token', {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
    });
    const path = '/latest/meta-data/iam/security-credentials/demo-role';
    const headers = { 'x-aws-ec2-metadata-token': token.text };
    const { text } = await sendRequest(Number(port), path, { headers });
    const { SecretAccessKey, Token } = JSON.parse(text) as Record<string, string>;
    expect(await demo.stop()).toBe(0);
    expect(demo.output()).toContain('262144 right bytes');
    expect(findPlanted(demo.output(), { ...PLANTED, SecretAccessKey, Token })).toEqual([]);
  } finally {
    await demo.stop();
  }
});
