import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../cli/run-program.ts';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { RangeLoad, type RangeLoadResult } from '../servers/range-load.ts';
import { startActivated } from '../servers/start-activated.ts';
import { startNginx } from '../servers/start-nginx.ts';
import { pickFreePort } from '../support/free-ports.ts';
import { startProgram } from '../support/start-program.ts';
import { waitUntil } from '../support/with-deadline.ts';

const ROUNDS = 20;
const REQUESTS_PER_SECOND = 200;
const OBJECT_BYTES = 64_000_000;
const RANGE_BYTES = 32_000;
/** Of a machine that has other work, too. */
const TIMEOUT_MS = 150_000;
const KEYS = {
  AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
  AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
  AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
  AWS_EC2_METADATA_DISABLED: 'true',
};

async function startS3(): Promise<FakeS3> {
  const s3 = await startFakeS3();
  onTestFinished(() => s3.close());
  s3.put('clip.mp4', { size: OBJECT_BYTES });
  return s3;
}

function toYaml(listen: string, { bucket, region, endpoint }: FakeS3): string {
  return `listen: ${listen}\ns3: {bucket: ${bucket}, region: ${region}, endpoint: "${endpoint}"}\n`;
}

function describe(sent: number, { rate, slowestMs }: Pick<RangeLoadResult, 'rate' | 'slowestMs'>): string {
  return `${sent} requests at ${Math.round(rate)} a second; the slowest took ${Math.round(slowestMs)} ms`;
}

/** Players, and the shipped nginx configuration before the daemon. */
async function startLoad(daemonPort: number): Promise<RangeLoad> {
  const nginx = await startNginx({
    conf: 'include /etc/nginx/s3-helper/upstream-s3-helper.conf; include /etc/nginx/s3-helper/plain.conf;',
    replacements: { '127.0.0.1:8080': `127.0.0.1:${daemonPort}` },
  });
  onTestFinished(() => nginx.close());
  return new RangeLoad({
    port: nginx.ports.get('127.0.0.1:8081')!,
    target: '/clip.mp4',
    objectBytes: OBJECT_BYTES,
    rangeBytes: RANGE_BYTES,
    requestsPerSecond: REQUESTS_PER_SECOND,
  });
}

test(
  'Twenty socket-activated restarts under load fail no request.',
  async () => {
    const s3 = await startS3();
    const listen = `127.0.0.1:${await pickFreePort()}`;
    const activated = startActivated({
      listen,
      runs: ROUNDS + 1,
      yaml: toYaml(listen, s3),
      environment: KEYS,
    });
    onTestFinished(() => activated.kill());
    const load = await startLoad(Number(listen.split(':')[1]));
    const pids = [await activated.untilStarted(1)];
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Some of the load meets it, and does not only wait for it.
      const { sent } = load;
      await waitUntil(() => load.sent > sent + 20, 'some requests');
      process.kill(pids.at(-1)!, 'SIGTERM');
      pids.push(await activated.untilStarted(round + 1));
    }
    const { sent, failures, ...figures } = await load.stop();
    process.kill(pids.at(-1)!, 'SIGTERM');
    await activated.untilOver();
    console.log(describe(sent, figures));

    expect(failures).toEqual([]);
    expect(new Set(pids).size).toBe(ROUNDS + 1);
    expect(activated.exitCodes).toEqual(pids.map(() => 0));
    const ofDaemon = activated.logLines.filter(({ msg }) => msg === 'request');
    expect(ofDaemon.length).toBe(sent);
    expect(new Set(ofDaemon.map(({ pid }) => pid))).toEqual(new Set(pids));
    expect(
      activated.logLines.filter(({ responses_cut }) => responses_cut !== undefined && responses_cut !== 0),
    ).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each([1, 2])(
  'Twenty reloads under load fail no request, with workers: %i.',
  async (workers) => {
    const stores = [await startS3(), await startS3()] as const;
    const more = `workers: ${workers}\n`;
    const program = await startProgram({ yaml: toYaml('127.0.0.1:0', stores[0]) + more, environment: KEYS });
    onTestFinished(() => void program.stop());
    const load = await startLoad(program.port);
    const reload = () =>
      runProgram(['reload', `--config=${program.configFile}`], {
        environment: { XDG_RUNTIME_DIR: dirname(program.configFile) },
      });
    for (let round = 1; round <= ROUNDS; round += 1) {
      const store = stores[round % 2]!;
      const seen = store.seen.length;
      writeFileSync(program.configFile, toYaml('127.0.0.1:0', store) + more);
      expect(await reload()).toEqual({ code: 0, stdout: 'the configuration was reloaded\n', stderr: '' });
      await waitUntil(() => store.seen.length > seen + 10, 'requests to the S3 that is in force');
    }
    writeFileSync(program.configFile, 's3: {bukket: x}\n');
    expect(await reload()).toMatchObject({ code: 1 });
    const { sent, failures, ...figures } = await load.stop();
    console.log(describe(sent, figures));
    expect(failures).toEqual([]);
    expect(await program.stop()).toBe(0);
    expect(stores.every(({ seen }) => seen.every(({ verdict }) => verdict.ok))).toBe(true);
    expect(program.logLines.filter(({ msg }) => msg === 'the configuration was reloaded')).toHaveLength(
      ROUNDS,
    );
    const lines = program.logLines.filter(({ msg }) => msg === 'request');
    expect(lines.length).toBe(sent);
    expect(lines.filter(({ status }) => status !== 206)).toEqual([]);
    // A generation can be over before each of its workers was asked, but not before one was.
    const most = workers === 1 ? 1 : workers * (ROUNDS + 1);
    const processes = new Set(lines.map(({ pid }) => pid)).size;
    expect(processes).toBeGreaterThan(most * 0.75);
    expect(processes).toBeLessThanOrEqual(most);
  },
  TIMEOUT_MS,
);
