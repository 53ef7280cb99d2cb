import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoImds } from '../demo/demo-imds.ts';
import { startDemoS3 } from '../demo/demo-s3.ts';
import { findFreePort } from '../demo/find-free-port.ts';
import { createRotatingCredentials } from '../demo/rotating-credentials.ts';
import { startDemoDaemon } from '../demo/start-demo-daemon.ts';
import { storeObject } from '../demo/stored-object.ts';

const BUCKET = 'demo-media';
const REGION = 'eu-west-1';
const KEY = 'show/clip.mp4';
const CLIP = new URL('../../test/fixtures/media/clip.mp4', import.meta.url);
const CREDENTIAL_LIFETIME_MS = 60 * 60_000;

/**
 * Serves a short film from an S3 in this process, through the daemon in a process of its own, which gets its
 * credentials from an instance metadata service in this process. Runs until a signal.
 * @returns the exit code
 */
export async function runDemo(preferredPort: number): Promise<number> {
  const keys = createRotatingCredentials({ lifetimeMs: CREDENTIAL_LIFETIME_MS, now: Date.now });
  const clip = readFileSync(CLIP);
  const s3 = await startDemoS3({
    objects: new Map([[KEY, storeObject(clip, { contentType: 'video/mp4' })]]),
    bucket: BUCKET,
    region: REGION,
    credentials: () => [keys.current(), keys.previous()].filter((issued) => issued !== undefined),
  });
  const imds = await startDemoImds({
    roleName: 'demo-role',
    region: REGION,
    credentials: () => keys.current(),
  });
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-demo-'));
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    // Nobody reads any more, as behind `| head`.
    process.stdout.on('error', () => resolve());
  });
  try {
    const configFile = join(directory, 's3-helper.yml');
    const port = await findFreePort(preferredPort);
    writeFileSync(configFile, createConfig(port, s3.endpoint));
    const daemon = await startDemoDaemon(configFile, imds.endpoint);
    const url = `http://127.0.0.1:${port}/${KEY}`;
    process.stdout.write(await describeFirstRead(url, clip));
    process.stdout.write(describeTries(url, configFile));
    const result = await Promise.race([stopped.then(() => 0), daemon.exited.then(() => 1)]);
    await daemon.stop();
    return result;
  } finally {
    rmSync(directory, { recursive: true });
    await Promise.all([s3.close(), imds.close()]);
  }
}

function createConfig(port: number, endpoint: string): string {
  return `listen: 127.0.0.1:${port}\ns3:\n  bucket: ${BUCKET}\n  region: ${REGION}\n  endpoint: ${endpoint}\n`;
}

/** Shows that it works, with the bytes compared. */
async function describeFirstRead(url: string, clip: Buffer): Promise<string> {
  const startedAtMs = performance.now();
  const { status, body } = await readRange(url, 'bytes=0-262143');
  const tookMs = (performance.now() - startedAtMs).toFixed(1);
  if (status !== 206 || !body.equals(clip.subarray(0, 262_144)))
    throw new Error(`the demo's own read failed with ${status}`);
  return `GET ${url} (unsigned, Range: bytes=0-262143)\n  -> 206, ${body.length} right bytes in ${tookMs} ms, signed on the way to S3\n\n`;
}

function readRange(url: string, range: string): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { range }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

function describeTries(url: string, configFile: string): string {
  return [
    'Try it:',
    `  curl -sI ${url}`,
    `  curl -s -r 0-15 ${url} | xxd`,
    `  curl -si -r 99999999- ${url}          # 416, and how long the object is`,
    `  curl -si ${new URL('/show/missing.mp4', url).href}      # 404 in our own words`,
    `  curl -si '${new URL('/', url).href}?list-type=2'           # never a listing`,
    '',
    `Credentials come from an instance metadata service (IMDSv2) of the demo's own, the configuration is ${configFile}.`,
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}
