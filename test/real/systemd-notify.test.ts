import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { startNotifySocket } from '../servers/start-notify-socket.ts';
import { startProgram } from '../support/start-program.ts';
import { sendRequest } from '../support/send-request.ts';
import { waitUntil } from '../support/with-deadline.ts';

const WITHOUT_PACKAGE = new URL('../support/without-package.ts', import.meta.url);
const END_MARGIN_MS = 10_000;

interface SceneOptions {
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** `@name` for an abstract socket; a path unless given. */
  readonly address?: string;
}

async function start({ yaml = '', environment = {}, address }: SceneOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 's3-helper-notify-'));
  const place = address ?? join(folder, 'notify');
  const [s3, notify] = await Promise.all([startFakeS3(), startNotifySocket(place)]);
  s3.put('a', 'object');
  const program = await startProgram({
    yaml:
      `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n` +
      `listen: 127.0.0.1:0\ntimeouts: {drain: 7s}\n${yaml}`,
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      AWS_EC2_METADATA_DISABLED: 'true',
      NOTIFY_SOCKET: place,
      ...environment,
    },
  });
  onTestFinished(async () => {
    await program.stop();
    await Promise.all([s3.close(), notify.close()]);
    rmSync(folder, { recursive: true });
  });
  return { s3, notify, program };
}

function nowUsec(): bigint {
  return process.hrtime.bigint() / 1000n;
}

const WAYS: readonly (readonly [string, SceneOptions])[] = [
  ['this process alone', {}],
  ['two workers', { yaml: 'workers: 2\n' }],
  [
    'systemd-notify, where the package is missing',
    {
      environment: { NODE_OPTIONS: `--import=${WITHOUT_PACKAGE.href}`, MISSING_PACKAGE: 'node-unix-socket' },
    },
  ],
  ['systemd-notify, for an abstract socket', { address: `@s3-helper-notify-${process.pid}` }],
];

describe.each(WAYS)('By %s,', (name, options) => {
  test('the service manager is told of start, reloads and end, in order and of nothing else.', async () => {
    const { notify, program } = await start(options);
    const serving = `Serving on ${program.addresses.join(', ')}`;
    await notify.until('READY', '1');
    expect(notify.received.map(({ fields }) => fields)).toEqual([{ READY: '1', STATUS: serving }]);

    const beforeUsec = nowUsec();
    program.signal('SIGHUP');
    const { fields } = await notify.until('RELOADING', '1');
    expect(Object.keys(fields).sort()).toEqual(['MONOTONIC_USEC', 'RELOADING', 'STATUS']);
    expect(BigInt(fields['MONOTONIC_USEC']!)).toBeGreaterThanOrEqual(beforeUsec);
    expect(BigInt(fields['MONOTONIC_USEC']!)).toBeLessThanOrEqual(nowUsec());
    await notify.until('READY', '1', 2);
    expect(notify.received[2]?.fields).toEqual({ READY: '1', STATUS: serving });

    const yaml = readFileSync(program.configFile, 'utf8');
    writeFileSync(program.configFile, `${yaml}nonsense: 1\n`);
    program.signal('SIGHUP');
    await notify.until('READY', '1', 4);
    expect(notify.received[4]?.fields['STATUS']).toMatch(
      /^Serving on [^;]*; the last reload failed: nonsense: no such key \(.*\); --help lists all$/,
    );

    expect(await program.stop()).toBe(0);
    await notify.until('STOPPING', '1');
    expect(notify.received.slice(5).map((one) => one.fields)).toEqual([
      {
        STOPPING: '1',
        EXTEND_TIMEOUT_USEC: String((7_000 + END_MARGIN_MS) * 1000),
        STATUS: 'Finishing the responses that are under way',
      },
    ]);
    // Others are heard where NotifyAccess=all says so.
    const senders = new Set(notify.received.map(({ pid }) => pid));
    if (!name.startsWith('systemd-notify')) expect(senders).toEqual(new Set([program.pid]));
    expect(program.logLines.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});

describe('The watchdog', () => {
  test('is fed twice as often as it has to be, as long as the event loop turns.', async () => {
    const { notify, program } = await start({ environment: { WATCHDOG_USEC: '400000' } });
    await waitUntil(() => notify.received.length >= 6, 'READY and five signs of life');
    expect(notify.received.slice(1, 6).map(({ fields }) => fields)).toEqual(
      Array.from({ length: 5 }, () => ({ WATCHDOG: '1' })),
    );
    program.signal('SIGSTOP');
    const before = notify.received.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(notify.received.length - before).toBeLessThanOrEqual(1);
    program.signal('SIGCONT');
    await waitUntil(() => notify.received.length > before + 2, 'new signs of life');
    expect((await sendRequest(program.port, '/a')).text).toBe('object');
  });

  test('of another process is none of ours.', async () => {
    const { notify, program } = await start({ environment: { WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' } });
    await notify.until('READY', '1');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await program.stop()).toBe(0);
    await notify.until('STOPPING', '1');
    expect(notify.received).toHaveLength(2);
  });
});

test('Where nobody listens any more, the daemon says so once, and serves.', async () => {
  const { notify, program } = await start({ environment: { WATCHDOG_USEC: '100000' } });
  await notify.until('WATCHDOG', '1');
  await notify.close();
  const warning = 'the service manager could not be told';
  await waitUntil(() => program.logLines.some(({ msg }) => msg === warning), 'the warning');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await sendRequest(program.port, '/a')).text).toBe('object');
  expect(await program.stop()).toBe(0);
  expect(program.logLines.filter(({ msg }) => msg === warning)).toHaveLength(1);
});
