import { Agent } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startDemoImds } from '../../src/demo/demo-imds.ts';
import { startDemoS3 } from '../../src/demo/demo-s3.ts';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import { storeObject } from '../../src/demo/stored-object.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { startProgram } from '../support/start-program.ts';

const LIFETIME_MS = 20_000;
const DURATION_MS = 120_000;
const REQUESTS_PER_SECOND = 200;
const BURSTS_PER_SECOND = 20;
const REGION = 'eu-west-1';

test(
  'credentials that live for 20 seconds rotate for two minutes under 200 requests a second: none fails, every signature is accepted',
  { timeout: DURATION_MS + 60_000 },
  async () => {
    const keys = createRotatingCredentials({ lifetimeMs: LIFETIME_MS, now: Date.now });
    const imds = await startDemoImds({
      roleName: 'media',
      region: REGION,
      credentials: () => keys.current(),
    });
    const body = Buffer.alloc(4096, 'clip');
    const s3 = await startDemoS3({
      objects: new Map([['clip', storeObject(body)]]),
      bucket: 'media',
      region: REGION,
      // The current key and the one before it, each until its own end.
      credentials: () =>
        [keys.current(), keys.previous()]
          .filter((issued) => issued !== undefined)
          .map((issued) => ({ ...issued, expiration: new Date(issued.expiresAtMs) })),
    });
    const program = await startProgram({
      yaml: `listen: 127.0.0.1:0\ns3: {bucket: media, endpoint: "${s3.endpoint}"}\n`,
      environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint },
    });
    onTestFinished(async () => {
      await program.stop();
      await Promise.all([s3.close(), imds.close()]);
    });

    const answers = await loadFor(DURATION_MS, program.port);
    await program.stop();

    const requests = program.logLines.filter(({ msg }) => msg === 'request');
    const rotations = program.logLines.filter(({ msg }) => msg === 'credentials refreshed').length;
    console.log(`${answers.length} requests, ${rotations} rotations`);
    expect(answers.length).toBeGreaterThan((REQUESTS_PER_SECOND * DURATION_MS * 0.8) / 1000);
    expect(answers.filter(({ status, text }) => status !== 206 || text !== 'clipclip')).toEqual([]);
    // One attempt each: no signature was refused and cured.
    expect(requests.length).toBe(answers.length);
    expect(requests.filter(({ attempts }) => attempts !== 1)).toEqual([]);
    expect(rotations).toBeGreaterThanOrEqual(7);
    expect(program.logLines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  },
);

async function loadFor(durationMs: number, port: number): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const answers: Promise<Answer>[] = [];
  const endsAtMs = performance.now() + durationMs;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (performance.now() > endsAtMs) {
        clearInterval(timer);
        resolve();
        return;
      }
      for (let count = 0; count < REQUESTS_PER_SECOND / BURSTS_PER_SECOND; count += 1) {
        answers.push(sendRequest(port, '/clip', { headers: { range: 'bytes=4-11' }, agent }));
      }
    }, 1000 / BURSTS_PER_SECOND);
  });
  const all = await Promise.all(answers);
  agent.destroy();
  return all;
}
