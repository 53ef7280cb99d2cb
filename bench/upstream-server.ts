import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestAuthority } from '../test/servers/test-certificates.ts';
import { pickFreePorts } from '../test/support/free-ports.ts';
import { startNginx } from './nginx.ts';

/** How the proxies ask for objects. */
export type Protocol = 'http' | 'https';

/** The bucket: every object lies under `/bench/`, as path-style S3 would have it. */
export const BUCKET = 'bench';

/** A stand-in for S3: an nginx that serves files and believes every signature. */
export interface UpstreamServer {
  /** `http://127.0.0.1:PORT`, `https://127.0.0.1:PORT` */
  readonly origins: Readonly<Record<Protocol, string>>;
  /** PEM of the authority behind the certificate. */
  readonly caFile: string;
}

export interface UpstreamOptions {
  readonly cores: string;
  readonly directory: string;
  /** Bytes of each object by its name. */
  readonly objects: ReadonlyMap<string, number>;
}

const LARGEST_RANDOM_BYTES = 8 * 1024 * 1024;

export async function startUpstreamServer(options: UpstreamOptions): Promise<UpstreamServer> {
  const { cores, directory, objects } = options;
  const bucketDirectory = join(directory, 'objects', BUCKET);
  mkdirSync(bucketDirectory, { recursive: true });
  for (const [name, bytes] of objects) writeObject(join(bucketDirectory, name), bytes);
  const authority = await createTestAuthority(directory);
  const { certFile, keyFile } = await authority.issue();
  const [plainPort = 0, tlsPort = 0] = await pickFreePorts(2);
  const http = `
  sendfile on;
  open_file_cache max=64;
  default_type video/mp4;
  server {
    listen 127.0.0.1:${plainPort};
    listen 127.0.0.1:${tlsPort} ssl;
    ssl_certificate ${certFile};
    ssl_certificate_key ${keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    # S3's choice.
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_session_cache shared:benchmark:1m;
    root ${directory}/objects;
    # What S3 says beside nginx's own headers, so that every proxy has as much to read.
    add_header x-amz-id-2 ${randomBytes(57).toString('base64')};
    add_header x-amz-request-id ${randomBytes(8).toString('hex').toUpperCase()};
    add_header x-amz-server-side-encryption AES256;
  }`;
  await startNginx({ cores, directory: join(directory, 'upstream'), http });
  return {
    origins: { http: `http://127.0.0.1:${plainPort}`, https: `https://127.0.0.1:${tlsPort}` },
    caFile: authority.caFile,
  };
}

/** Random bytes; large objects are holes, which cost no disk and are served like any other file. */
function writeObject(file: string, bytes: number): void {
  if (bytes <= LARGEST_RANDOM_BYTES) {
    writeFileSync(file, randomBytes(bytes));
    return;
  }
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, bytes);
  closeSync(descriptor);
}
