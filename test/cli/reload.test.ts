import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { sendRequest } from '../support/send-request.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { runProgram } from './run-program.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
  AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
  AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const RELOADS = 's3_helper_config_reloads_total';
const FETCHES = 's3_helper_credentials_refreshes_total';
const APPLIED = 'the configuration was reloaded';
const REFUSED = 'the configuration was not reloaded; the old one stays in force';

interface Scene {
  readonly s3: FakeS3;
  readonly program: RunningProgram;
  /** The lines beside those of S3. */
  readonly write: (yaml: string) => void;
  readonly reload: (...args: readonly string[]) => ReturnType<typeof runProgram>;
  /** Without the command, which is another process. @returns the line of the log that says how the reload ended */
  readonly hangUp: () => Promise<Record<string, unknown>>;
  /** The lines of a metric. */
  readonly readMetric: (name: string) => Promise<string[]>;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 's3-helper-reload-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function start(lines = '', environment: Record<string, string> = {}): Promise<Scene> {
  const s3 = await startFakeS3();
  s3.put('a', 'object');
  const toYaml = (yaml: string): string =>
    `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}\n` +
    `admin: {listen: "127.0.0.1:0"}\n${lines}` +
    (yaml.includes('listen: ') ? yaml : `listen: 127.0.0.1:0\n${yaml}`);
  const program = await startProgram({ yaml: toYaml(''), environment: { ...KEYS, ...environment } });
  onTestFinished(async () => {
    await program.stop();
    await s3.close();
  });
  const { configFile } = program;
  const adminPort = Number(
    /\d+$/.exec(String(program.logLines.find(({ msg }) => msg === 'listening')?.['admin']))?.[0],
  );
  return {
    ...{ s3, program },
    write: (yaml) => writeFileSync(configFile, toYaml(yaml)),
    reload: (...args) => runReload(configFile, ...args),
    hangUp: async () => {
      const listEnds = () => program.logLines.filter(({ msg }) => msg === APPLIED || msg === REFUSED);
      const before = listEnds().length;
      program.signal('SIGHUP');
      await waitUntil(() => listEnds().length > before, 'the end of the reload');
      return listEnds()[before]!;
    },
    readMetric: async (name) => {
      const { text } = await sendRequest(adminPort, '/metrics');
      return text.split('\n').filter((line) => line.startsWith(name));
    },
  };
}

function runReload(configFile: string, ...args: readonly string[]) {
  return runProgram(['reload', `--config=${configFile}`, ...args], {
    environment: { XDG_RUNTIME_DIR: dirname(configFile) },
  });
}

const ROUTE = '[{path: /avod/, bucket: media}]';

describe.each([1, 2])('With workers: %i,', (workers) => {
  test('s3-helper reload puts another file in force, refuses a bad one, and counts both.', async () => {
    const { s3, program, write, reload, readMetric } = await start(`workers: ${workers}\n`);
    const pids = (): unknown[] =>
      program.logLines.flatMap(({ msg, pid }) => (msg === 'request' ? [pid] : []));
    expect((await sendRequest(program.port, '/avod/a')).status).toBe(404);
    write(`routes: ${ROUTE}\n`);
    expect(await reload()).toEqual({ code: 0, stdout: 'the configuration was reloaded\n', stderr: '' });
    for (let count = 0; count < 2 * workers; count += 1)
      expect((await sendRequest(program.port, '/avod/a')).text).toBe('object');

    write('timeouts: {first_byte: soon}\nrouts: []\n');
    const { code, stdout, stderr } = await reload();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^s3-helper: the configuration was not reloaded\ns3-helper: routs: no such key .*did you mean routes\?\ns3-helper: timeouts\.first_byte: "soon" is not accepted .*\n$/,
    );
    await waitUntil(() => program.logLines.some(({ msg }) => msg === REFUSED), 'the line of the refusal');
    const [line] = program.logLines.filter(({ msg }) => msg === REFUSED);
    expect(line?.['reasons']).toEqual(
      stderr
        .split('\n')
        .slice(1, -1)
        .map((text) => text.slice('s3-helper: '.length)),
    );
    expect((await sendRequest(program.port, '/avod/a')).text).toBe('object');
    expect(await readMetric(RELOADS)).toEqual([
      's3_helper_config_reloads_total{outcome="applied"} 1',
      's3_helper_config_reloads_total{outcome="refused"} 1',
    ]);
    expect(s3.seen.every(({ verdict }) => verdict.ok)).toBe(true);
    if (workers === 1) expect(new Set(pids())).toEqual(new Set([program.pid]));
  });

  test('what needs a restart is said, and the rest holds.', async () => {
    const { program, write, reload } = await start(`workers: ${workers}\n`);
    write(`statsd: {address: "127.0.0.1:8125"}\nlog: {ident: other, level: warn}\nroutes: ${ROUTE}\n`);
    expect(await reload()).toMatchObject({
      code: 0,
      stdout:
        'warning: log.ident has changed; that takes a restart\n' +
        'warning: statsd has changed; that takes a restart\nthe configuration was reloaded\n',
    });
    expect((await sendRequest(program.port, '/avod/a')).text).toBe('object');
    expect(
      program.logLines.filter(({ level }) => level === 'warn').map(({ msg, name }) => [msg, name]),
    ).toEqual([
      ['log.ident has changed; that takes a restart', 's3-helper'],
      ['statsd has changed; that takes a restart', 's3-helper'],
    ]);
    // log.level has changed as well: the good request has no line, nor has the reload.
    expect(
      program.logLines.some(({ msg }) => msg === 'request' || msg === 'the configuration was reloaded'),
    ).toBe(false);
  });

  test('credentials that cannot be fetched leave the old configuration in force.', async () => {
    const { program, write, hangUp } = await start(`workers: ${workers}\n`);
    write('credentials: {source: profile, profile: nobody}\n');
    expect((await hangUp())['reasons']).toEqual([
      expect.stringMatching(/^the credentials from .* could not be fetched: /) as string,
    ]);
    expect((await sendRequest(program.port, '/a')).text).toBe('object');
  });

  test('an address that cannot be used leaves the old configuration in force, and no worker of the new one.', async () => {
    const { s3, program, write, hangUp } = await start(`workers: ${workers}\n`);
    write(`routes: ${ROUTE}\nlisten: [127.0.0.1:0, "127.0.0.1:${s3.port}"]\n`);
    expect((await hangUp())['reasons']).toEqual([
      `cannot listen on 127.0.0.1:${s3.port}: another process listens there`,
    ]);
    expect((await sendRequest(program.port, '/avod/a')).status).toBe(404);
    expect((await sendRequest(program.port, '/a')).text).toBe('object');
  });
});

test.each([1, 2])(
  'With workers: %i, another address and another source of credentials are opened.',
  async (workers) => {
    const folder = makeFolder();
    const credentialFile = join(folder, 'credentials');
    writeFileSync(
      credentialFile,
      '[reader]\naws_access_key_id = AKIAREADER\naws_secret_access_key = secret\n',
    );
    const { s3, program, write, hangUp, readMetric } = await start(`workers: ${workers}\n`, {
      AWS_SHARED_CREDENTIALS_FILE: credentialFile,
    });
    s3.credentials.push({ accessKeyId: 'AKIAREADER', secretAccessKey: 'secret' });
    const socket = join(folder, 'socket');
    write(
      `listen: [127.0.0.1:0, "unix:${socket}"]\n` +
        'routes:\n  - {path: /avod/, bucket: media, credentials: {source: profile, profile: reader}}\n',
    );
    expect(await hangUp()).toMatchObject({ msg: APPLIED });
    for (let count = 0; count < 2 * workers; count += 1) {
      expect((await sendRequest(socket, '/avod/a')).text).toBe('object');
      expect((await sendRequest(program.port, '/a')).text).toBe('object');
    }
    const signers = s3.seen.map((seen) => /Credential=(\w+)/.exec(seen.header('authorization') ?? '')?.[1]);
    expect(new Set(signers)).toEqual(new Set(['AKIAREADER', FAKE_CREDENTIAL.accessKeyId]));

    const readFetches = async (): Promise<(readonly [string, number])[]> =>
      (await readMetric(FETCHES)).map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(/\d+$/.exec(line)),
      ]);
    const fetches = await readFetches();
    expect(fetches).toHaveLength(2);
    write('');
    expect(await hangUp()).toMatchObject({ msg: APPLIED });
    // A counter that went back, or away, would be taken for another daemon.
    const now = new Map(await readFetches());
    expect(fetches.filter(([series, count]) => !(Number(now.get(series)) >= count))).toEqual([]);
    expect(existsSync(socket)).toBe(false);
    expect((await sendRequest(program.port, '/avod/a')).status).toBe(404);
  },
);

test('A response that is under way in a worker ends, however long that takes; SIGTERM gives it a deadline.', async () => {
  const { s3, program, write, hangUp } = await start('workers: 2\ntimeouts: {drain: 300ms}\n');
  s3.put('big', { size: 300_000 });
  s3.inject({ kind: 'stall', at: 100_000 }, { key: 'big' });
  const first = sendRequest(program.port, '/big');
  await s3.waitFor(() => s3.seen.some(({ state }) => state === 'stalled'), 'the first stall');
  write(`routes: ${ROUTE}\n`);
  expect(await hangUp()).toMatchObject({ msg: APPLIED });
  // Past timeouts.drain, twice.
  await new Promise((resolve) => setTimeout(resolve, 700));
  s3.release();
  expect((await first).body.length).toBe(300_000);

  s3.inject({ kind: 'stall', at: 100_000 }, { key: 'big' });
  const second = sendRequest(program.port, '/big');
  await s3.waitFor(() => s3.seen.some(({ state }) => state === 'stalled'), 'the second stall');
  expect(await hangUp()).toMatchObject({ msg: APPLIED });
  expect(await program.stop()).toBe(0);
  expect((await second).isComplete).toBe(false);
});

test('SIGHUPs that come at once are one reload, or two, and the last file is in force.', async () => {
  const { program, write, readMetric } = await start();
  for (const path of ['a', 'b', 'c', 'd']) {
    write(`routes: [{path: /${path}/, bucket: media}]\n`);
    program.signal('SIGHUP');
  }
  await waitUntil(
    () => program.logLines.some(({ msg }) => msg === 'the configuration was reloaded'),
    'the first reload',
  );
  await expect
    .poll(async () => (await sendRequest(program.port, '/d/a')).status, { timeout: 5_000 })
    .toBe(200);
  const [applied] = await readMetric(RELOADS);
  expect(Number(/ (\d+)$/.exec(applied ?? '')?.[1])).toBeLessThanOrEqual(4);
});

describe('s3-helper reload', () => {
  test('without a daemon fails, and says where it looked.', async () => {
    const file = join(makeFolder(), 's3-helper.yml');
    const { code, stderr } = await runReload(file);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^s3-helper: no running daemon of .*s3-helper\.yml has left word in .*\.json or \/run\/s3-helper\/control\/.*; send SIGHUP/,
    );
  });

  test('tells nobody but the process that left word.', async () => {
    const { program } = await start();
    const folder = join(dirname(program.configFile), 's3-helper');
    const [name = ''] = readdirSync(folder);
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // Another process has its number by now; this one would end at a SIGHUP.
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    onTestFinished(() => void bystander.kill('SIGKILL'));
    writeFileSync(path, text.replace(`"pid":${program.pid}`, `"pid":${bystander.pid}`));
    expect((await runReload(program.configFile)).stderr).toContain('no running daemon');
    writeFileSync(path, text.replace(/"started":"\d+",/, ''));
    expect((await runReload(program.configFile)).stderr).toContain('no running daemon');
    writeFileSync(path, 'no JSON');
    expect((await runReload(program.configFile)).stderr).toContain('no running daemon');
    expect(bystander.exitCode).toBe(null);
    writeFileSync(path, text);
    expect((await runReload(program.configFile)).code).toBe(0);
  });

  test('gives up at its timeout.', async () => {
    const { program } = await start();
    program.signal('SIGSTOP');
    onTestFinished(() => program.signal('SIGCONT'));
    const { code, stderr } = await runReload(program.configFile, '--timeout=300ms');
    expect([code, stderr]).toEqual([
      1,
      `s3-helper: process ${program.pid} has not reloaded within 300 ms; its log says more\n`,
    ]);
    program.signal('SIGCONT');
  });

  test('says when the process ends meanwhile.', async () => {
    const { program } = await start();
    program.signal('SIGSTOP');
    const told = runReload(program.configFile);
    await new Promise((resolve) => setTimeout(resolve, 500));
    program.signal('SIGKILL');
    expect(await told).toMatchObject({ code: 1, stderr: `s3-helper: process ${program.pid} has ended\n` });
  });

  test('finds no daemon that has ended; one that ends by itself leaves no word behind.', async () => {
    const folder = makeFolder();
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const { program } = await start('', { XDG_RUNTIME_DIR: folder });
      const environment = { XDG_RUNTIME_DIR: folder };
      expect(readdirSync(join(folder, 's3-helper'))).toContainEqual(
        expect.stringMatching(/^[0-9a-f]{16}\.json$/),
      );
      program.signal(signal);
      await program.exited;
      const { code, stderr } = await runProgram(['reload', `--config=${program.configFile}`], {
        environment,
      });
      expect([code, stderr]).toEqual([1, expect.stringContaining('no running daemon') as string]);
    }
    // That of the one that was killed.
    expect(readdirSync(join(folder, 's3-helper'))).toHaveLength(1);
  });
});
