import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBucket, putObject } from './send-signed-request.ts';

/** The parts of `@20minutes/s3rver` 5 that are used here; the package brings no types. */
interface S3rverApp {
  readonly httpServer: Server;
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}

interface S3rverOptions {
  readonly address: string;
  readonly port: number;
  readonly directory: string;
  readonly silent: boolean;
}

interface S3rverAccounts {
  readonly DUMMY_ACCOUNT: {
    createKeyPair(accessKeyId: string, secretAccessKey: string): void;
    revokeAccessKey(accessKeyId: string): void;
  };
}

const require = createRequire(import.meta.url);
const S3rverServer = require('@20minutes/s3rver') as new (options: S3rverOptions) => S3rverApp;
const { DUMMY_ACCOUNT } = require('@20minutes/s3rver/lib/models/account') as S3rverAccounts;

const CREDENTIALS = { accessKeyId: 'AKIDS3RVER', secretAccessKey: 's3rver/secret+key' } as const;

/**
 * A running s3rver, path style only. It verifies the signatures it is given and proves that, no more. Of version 5:
 * a request without a signature is served, a signature of any age and for any region is taken; a right one in
 * virtual-hosted style is refused; suffix ranges, `bytes=0-0`, If-Match and If-Unmodified-Since are answered wrongly;
 * keys become file names, so dot segments and double slashes in them are folded.
 */
export interface S3rver {
  readonly port: number;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  createBucket(bucket: string): Promise<void>;
  /** The key is decoded; the headers are signed, and stored where S3 stores them. */
  putObject(
    bucket: string,
    key: string,
    body: Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Cuts all connections and removes all files. */
  close(): Promise<void>;
}

/** Starts s3rver in this process, on a free port of 127.0.0.1, with one credential and its objects in a temporary directory. */
export async function startS3rver(): Promise<S3rver> {
  replaceCredentials();
  const directory = await mkdtemp(join(tmpdir(), 's3-helper-s3rver-'));
  const app = new S3rverServer({ address: '127.0.0.1', port: 0, directory, silent: true });
  const { port } = await app.run();
  const server = { port, region: 'us-east-1', ...CREDENTIALS };
  return {
    ...server,
    createBucket: (bucket) => createBucket(server, bucket),
    putObject: (bucket, key, body, headers = {}) => putObject(server, { bucket, key, body, headers }),
    close: async () => {
      const closed = app.close();
      app.httpServer.closeAllConnections();
      await closed;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The built-in credential's id is also its secret, so a test could not tell the two apart. */
function replaceCredentials(): void {
  DUMMY_ACCOUNT.revokeAccessKey('S3RVER');
  DUMMY_ACCOUNT.createKeyPair(CREDENTIALS.accessKeyId, CREDENTIALS.secretAccessKey);
}
