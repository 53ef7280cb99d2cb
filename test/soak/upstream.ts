import { startDemoImds } from '../../src/demo/demo-imds.ts';
import { createRotatingCredentials } from '../../src/demo/rotating-credentials.ts';
import { FAKE_CREDENTIAL, startFakeS3 } from '../servers/fake-s3.ts';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import { ALL_OBJECTS, type SoakObject } from './soak-objects.ts';
import {
  CREDENTIAL_LIFE_MS,
  type FromUpstream,
  type ToUpstream,
  type UpstreamCounts,
} from './upstream-messages.ts';

// S3 and the instance metadata of the soak, in a process of their own. It ends with the process that started it.

const COUNT_EVERY_MS = 1000;

const rotating = createRotatingCredentials({ lifetimeMs: CREDENTIAL_LIFE_MS, now: Date.now });
// As S3 does, with what real connections meet: every hundredth answer closes, and so does idleness.
const s3 = await startFakeS3({ idleCloseMs: 5000, requestsPerConnection: 100 });
const imds = await startDemoImds({
  roleName: 'soak',
  region: s3.region,
  credentials: () => {
    acceptCredentials();
    return rotating.current();
  },
});
const counts = { requests: 0, refused: 0, faults: 0 };
/** Ids of the daemon's keys with which it has signed. */
const used = new Set<string>();

acceptCredentials();
ALL_OBJECTS.forEach(put);
setInterval(() => {
  acceptCredentials();
  count();
}, COUNT_EVERY_MS);
process.on('message', onMessage);
process.on('disconnect', () => process.exit(0));
tell({ type: 'ready', s3: s3.endpoint, imds: imds.endpoint, bucket: s3.bucket, region: s3.region });

function onMessage(message: ToUpstream): void {
  if (message.type === 'remove') {
    s3.objects.delete(message.key);
    return;
  }
  if (message.type === 'stage') {
    put(message.put);
    s3.inject(message.fault, { key: message.put.key, times: message.times });
  }
  tell({ type: 'done', id: message.id, counts: count() });
}

/** Those of the instance, each until its end, and one that does not change, for requests that go past the daemon. */
function acceptCredentials(): void {
  const lasting = [rotating.current(), rotating.previous()].filter((keys) => keys !== undefined);
  const accepted = lasting.map((keys) => ({ ...keys, expiration: new Date(keys.expiresAtMs) }));
  s3.credentials.splice(0, Infinity, ...accepted, FAKE_CREDENTIAL);
}

function put({ key, size, base }: SoakObject): void {
  s3.put(
    key,
    { size, fill: (offset: number, length: number) => virtualBytes(base + offset, length) },
    { etag: `"${key}"` },
  );
}

/** Requests are counted and forgotten, as there are too many to keep. */
function count(): UpstreamCounts {
  for (const { verdict, fault } of s3.seen.splice(0)) {
    counts.requests += 1;
    if (!verdict.ok) counts.refused += 1;
    else if (verdict.credential.accessKeyId !== FAKE_CREDENTIAL.accessKeyId)
      used.add(verdict.credential.accessKeyId);
    counts.faults += fault === undefined ? 0 : 1;
  }
  return { ...counts, rotations: Math.max(0, used.size - 1) };
}

function tell(message: FromUpstream): void {
  process.send?.(message);
}
