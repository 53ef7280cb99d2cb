import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../test/support/with-deadline.ts';
import { type PinnedProcess, spawnPinned } from './pinned-process.ts';

/** The master logs this after it has bound every address. */
const LISTENING_LINE = 'start worker process ';

export interface NginxOptions {
  readonly cores: string;
  /** A folder of its own; made where it is missing. */
  readonly directory: string;
  /** What stands in http { }. */
  readonly http: string;
}

/** Starts Debian's nginx with one worker and waits until it listens. @throws {Error} with nginx's own words */
export async function startNginx({ cores, directory, http }: NginxOptions): Promise<PinnedProcess> {
  mkdirSync(join(directory, 'temp'), { recursive: true });
  const confFile = join(directory, 'nginx.conf');
  writeFileSync(confFile, createConf(directory, http));
  const nginx = spawnPinned(['nginx', '-p', directory, '-c', confFile, '-e', 'stderr'], { cores });
  let ended: number | string | undefined;
  nginx.exited.then(
    (code) => (ended = code),
    () => (ended = 'missing'),
  );
  await waitUntil(() => nginx.errors().includes(LISTENING_LINE) || ended !== undefined, 'nginx at its port');
  if (ended !== undefined) {
    throw new Error(`nginx (Debian: apt-get install nginx) ended with ${ended}:\n${nginx.errors()}`);
  }
  return nginx;
}

function createConf(directory: string, http: string): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${directory}/temp/${kind};`,
  );
  return `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${directory}/nginx.pid;
error_log stderr notice;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
${temp.join('\n')}
  access_log off;
  # The measurement is of requests, not of new connections: no side closes one while wrk runs.
  keepalive_requests 1000000000;
${http}
}
`;
}
