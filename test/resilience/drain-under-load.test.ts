import { Agent } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';
import { waitUntil, withDeadline } from '../support/with-deadline.ts';
import { S3_CLIENT } from '../support/s3-client.ts';

const CLIENTS = 24;
const SIZES = [100, 50_000, 1_000_000];
/** Before the end is asked for. */
const LEAST_ANSWERS = 150;
const DRAIN_MS = 1500;

let s3: FakeS3;
let program: RunningProgram;

beforeEach(async () => {
  s3 = await startFakeS3();
  for (const size of SIZES) s3.put(`object-${size}`, { size });
  program = await startProgram({
    yaml: [
      'listen: 127.0.0.1:0',
      `s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}", client: ${S3_CLIENT}}`,
      `timeouts: {drain: ${DRAIN_MS}ms}`,
    ].join('\n'),
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
});
afterEach(async () => {
  await program.stop();
  await s3.close();
});

/** Asks again and again, each client on a connection of its own, until nobody answers any more. */
async function load(answers: { readonly size: number; readonly answer: Answer }[]): Promise<void> {
  const ask = async (_: unknown, client: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = client; ; turn += 1) {
      const size = SIZES[turn % SIZES.length]!;
      const answer = await sendRequest(program.port, `/object-${size}`, { agent }).catch(() => undefined);
      // A kept connection may be closed just then; a new one tells whether anybody listens.
      const again = answer ?? (await sendRequest(program.port, `/object-${size}`).catch(() => undefined));
      if (again === undefined) break;
      answers.push({ size, answer: again });
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, ask));
}

test('A drain under load loses nothing: what has begun ends, and is cut where S3 does not end it in time.', async () => {
  const answers: { readonly size: number; readonly answer: Answer }[] = [];
  const loaded = load(answers);
  await waitUntil(() => answers.length >= LEAST_ANSWERS, 'the load');
  s3.put('endless', { size: 1_000_000 });
  s3.inject({ kind: 'stall', at: 400_000 }, { key: 'endless' });
  const endless = sendRequest(program.port, '/endless');
  await s3.waitFor(
    () => s3.seen.some(({ key, state }) => key === 'endless' && state === 'stalled'),
    'the stall',
  );

  const before = answers.length;
  program.signal('SIGTERM');
  await withDeadline(loaded, 'the end of the load');
  const cut = await endless;
  expect(await withDeadline(program.exited, 'the end of the program')).toBe(0);

  expect(answers.length).toBeGreaterThan(before);
  const wrong = answers.filter(
    ({ size, answer: { status, isComplete, body } }) =>
      status !== 200 || !isComplete || !body.equals(virtualBytes(0, size)),
  );
  expect(wrong.map(({ answer: { status, body } }) => [status, body.length])).toEqual([]);
  expect([cut.status, cut.isComplete, cut.body.equals(virtualBytes(0, cut.body.length))]).toEqual([
    200,
    false,
    true,
  ]);
  const lines = program.logLines.filter(({ msg }) => msg === 'request');
  // No request has come as far as the daemon that its client knows no answer of.
  expect(lines).toHaveLength(answers.length + 1);
  expect(lines.filter(({ failure }) => failure !== undefined)).toMatchObject([
    { key: 'endless', failure: 'drain_deadline' },
  ]);
  expect(program.logLines.at(-1)).toMatchObject({ msg: 'stopped', responses_cut: 1 });
});
