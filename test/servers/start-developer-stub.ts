import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type RunningNginx, startNginx } from './start-nginx.ts';

export interface DeveloperStub extends RunningNginx {
  /** What nginx's `server` directive takes: `127.0.0.1:PORT` or `unix:/path`. */
  readonly upstream: string;
  readonly put: (key: string, bytes: Buffer) => void;
}

export interface DeveloperStubOptions {
  readonly objects: ReadonlyMap<string, Buffer>;
  /** On a unix socket instead of a TCP port. */
  readonly onSocket?: boolean;
}

/** Starts nginx with the shipped developer-stub.conf on a folder of these objects, in s3-helper's place. */
export async function startDeveloperStub({
  objects,
  onSocket = false,
}: DeveloperStubOptions): Promise<DeveloperStub> {
  const root = mkdtempSync(join(tmpdir(), 's3-objects-'));
  const put = (key: string, bytes: Buffer) => {
    mkdirSync(dirname(join(root, key)), { recursive: true });
    writeFileSync(join(root, key), bytes);
  };
  for (const [key, bytes] of objects) put(key, bytes);
  const removeRoot = () => rmSync(root, { recursive: true, force: true });
  try {
    const nginx = await startNginx({
      conf: 'include /etc/nginx/s3-helper/developer-stub.conf;',
      replacements: {
        '/srv/s3-objects': root,
        ...(onSocket && { 'listen 127.0.0.1:8080': 'listen unix:/run/s3-helper/s3-helper.sock' }),
      },
    });
    const upstream = onSocket ? `unix:${nginx.socketPath}` : `127.0.0.1:${nginx.port}`;
    return { ...nginx, upstream, put, close: () => nginx.close().finally(removeRoot) };
  } catch (error) {
    removeRoot();
    throw error;
  }
}
