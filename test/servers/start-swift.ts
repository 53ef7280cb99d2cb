import { rmSync } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SWIFT_REGION, SWIFT_SERVER_NAMES, SWIFT_USERS } from './swift-config.ts';
import { type SwiftDirectory, prepareSwiftDirectory } from './swift-directory.ts';
import {
  type SwiftProcess,
  killSwiftProcess,
  startSwiftProcess,
  waitUntilListening,
} from './swift-process.ts';
import { createBucket, putObject } from './send-signed-request.ts';

const START_DEADLINE_MS = 45_000;
const S3API = '/usr/lib/python3/dist-packages/swift/common/middleware/s3api/s3api.py';
const PACKAGES = 'swift-proxy swift-account swift-container swift-object';

/** A running Swift with s3api: an S3 server that is not ours and that verifies every signature. */
export interface Swift {
  /** Path style by address; virtual-hosted style by a Host of `BUCKET.s3.us-east-1.amazonaws.com`. */
  readonly httpPort: number;
  /** The same buckets over TLS; the certificate is for the names that `issue()` of test-certificates.ts lists. */
  readonly tlsPort: number;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** A user whose signatures are right and who may read nothing (403 AccessDenied). */
  readonly limitedAccessKeyId: string;
  readonly limitedSecretAccessKey: string;
  /** PEM of the authority behind the TLS certificate, and the file that holds it. */
  readonly ca: string;
  readonly caFile: string;
  createBucket(bucket: string): Promise<void>;
  /** The key is decoded; the headers are signed, and stored where S3 stores them. */
  putObject(
    bucket: string,
    key: string,
    body: Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Ends all processes and removes all files. */
  close(): Promise<void>;
}

/**
 * Starts OpenStack Swift from Debian's packages in a temporary directory, on free ports of 127.0.0.1, without
 * memcached and without /etc/swift. Its processes end with this one, however that ends.
 * @throws {Error} naming the packages when Swift is missing; with the end of its log when a server does not start
 */
export async function startSwift(): Promise<Swift> {
  await requireSwift();
  const directory = await mkdtemp(join(tmpdir(), 's3-helper-swift-'));
  const servers: SwiftProcess[] = [];
  const close = closeAtExit(directory, servers);
  try {
    const prepared = await prepareSwiftDirectory(directory);
    for (const name of SWIFT_SERVER_NAMES) servers.push(startSwiftProcess(name, prepared.swiftDirectory));
    const deadline = AbortSignal.timeout(START_DEADLINE_MS);
    await Promise.all(servers.map((server) => waitUntilListening(server, deadline)));
    return createSwift(prepared, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function requireSwift(): Promise<void> {
  try {
    await access(S3API);
  } catch (cause) {
    throw new Error(`OpenStack Swift is missing; apt-get install --no-install-recommends ${PACKAGES}`, {
      cause,
    });
  }
}

/** Answers with the orderly end, and sees to a hurried one when this process exits before it. */
function closeAtExit(directory: string, servers: readonly SwiftProcess[]): () => Promise<void> {
  const hurry = () => {
    for (const { child } of servers) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', hurry);
  return async () => {
    await Promise.all(servers.map(killSwiftProcess));
    await rm(directory, { recursive: true, force: true });
    process.off('exit', hurry);
  };
}

function createSwift({ ports, authority }: SwiftDirectory, close: () => Promise<void>): Swift {
  const { accessKeyId, secretAccessKey } = SWIFT_USERS.admin;
  const server = { port: ports.proxy, region: SWIFT_REGION, accessKeyId, secretAccessKey };
  return {
    httpPort: ports.proxy,
    tlsPort: ports['tls-proxy'],
    region: SWIFT_REGION,
    accessKeyId,
    secretAccessKey,
    limitedAccessKeyId: SWIFT_USERS.limited.accessKeyId,
    limitedSecretAccessKey: SWIFT_USERS.limited.secretAccessKey,
    ca: authority.ca,
    caFile: authority.caFile,
    createBucket: (bucket) => createBucket(server, bucket),
    putObject: (bucket, key, body, headers = {}) => putObject(server, { bucket, key, body, headers }),
    close,
  };
}
