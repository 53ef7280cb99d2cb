import { readFileSync } from 'node:fs';
import { startDemoS3 } from '../../src/demo/demo-s3.ts';
import { storeObject } from '../../src/demo/stored-object.ts';

// The S3 of docker-compose.yml: one bucket with one film, for whoever signs with these keys. Everything comes from the
// environment, so that the daemon beside it can be given the same.
const PORT = 9000;
const KEY = 'show/clip.mp4';
const CLIP = new URL('../fixtures/media/clip.mp4', import.meta.url);

const s3 = await startDemoS3({
  objects: new Map([[KEY, storeObject(readFileSync(CLIP), { contentType: 'video/mp4' })]]),
  bucket: need('BUCKET'),
  region: need('AWS_REGION'),
  credentials: () => [
    { accessKeyId: need('AWS_ACCESS_KEY_ID'), secretAccessKey: need('AWS_SECRET_ACCESS_KEY') },
  ],
  port: PORT,
});
process.stdout.write(`serving ${KEY} of ${need('BUCKET')} at ${s3.endpoint}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void s3.close());

function need(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
