import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { waitUntil, withDeadline } from '../../support/with-deadline.ts';
import { type Compose, type ComposeService, findService, PROJECT } from '../read-compose.ts';
import type { BuiltImages } from './build.ts';
import type { Network } from './network.ts';

/** A program of docker-compose.yml that is not the daemon, as a process of this machine. */
export interface Service {
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

const STARTED = /start worker process |^serving /m;
/** Lays the service's files over the machine's own, which it does not see, and drops its rights. The files may be below /tmp. */
const NGINX = `
mount -t tmpfs tmpfs /etc/nginx && mkdir -p /etc/nginx/s3-helper && user=$1 && shift
while [ "$1" != -- ]; do mkdir -p "$(dirname "$2")" && touch "$2" && mount --bind "$1" "$2" && shift 2 || exit 1; done; shift
mount -t tmpfs -o mode=1777 tmpfs /tmp || exit 1
exec setpriv --reuid "\${user%:*}" --regid "\${user#*:}" --clear-groups --no-new-privs "$@"`;

/** Starts an nginx with the files, the user and the command that docker-compose.yml gives it. */
export async function startNginxService(compose: Compose, name: string, network: Network): Promise<Service> {
  const service = findService(compose, name);
  const [program = '', ...args] = service.entrypoint ?? [];
  if (program !== 'nginx') throw new Error(`${name} is no nginx`);
  const files = (service.configs ?? []).flatMap(({ source, target }) => [
    resolve(PROJECT, compose.configs[source]?.file ?? `no config ${source}`),
    target,
  ]);
  const volumes = (service.volumes ?? []).flatMap((volume) => {
    const [from = '', to = ''] = volume.split(':');
    return [resolve(PROJECT, from), to];
  });
  // What is under /srv on this machine stays as it is.
  const overSrv = 'mount -t tmpfs -o mode=755 tmpfs /srv &&';
  const command = [
    'sh',
    service.user ?? '',
    ...files,
    ...volumes,
    '--',
    '/usr/sbin/nginx',
    ...args,
    '-e',
    'stderr',
  ];
  const [enter, ...where] = network.enter;
  const unshare = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', overSrv + NGINX];
  return watch(spawn(enter, [...where, ...unshare, ...command], { stdio: ['ignore', 'pipe', 'pipe'] }), name);
}

/** Starts the S3 of docker-compose.yml from its own stage, with the image's Node, which its user can read. */
export async function startS3Service(
  service: ComposeService,
  { image, s3: { root, config } }: Pick<BuiltImages, 'image' | 's3'>,
  network: Network,
): Promise<Service> {
  const node = join(image.root, 'usr/local/bin/node');
  const [uid = '', gid = ''] = config.user.split(':');
  const [enter, ...where] = network.enter;
  const rights = ['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs'];
  const [program, ...args] = config.command;
  if (program !== 'node') throw new Error('the S3 is no program of Node');
  const child = spawn(enter, [...where, ...rights, node, ...args], {
    cwd: root,
    env: service.environment as Record<string, string>,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watch(child, 's3');
}

async function watch(child: ChildProcess, name: string): Promise<Service> {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const closed = once(child, 'close');
  await waitUntil(() => STARTED.test(text) || child.exitCode !== null, `the start of ${name}`);
  if (child.exitCode !== null) throw new Error(`${name} ended:\n${text}`);
  return {
    output: () => text,
    stop: async () => {
      child.kill('SIGTERM');
      await withDeadline(closed, `the end of ${name}`).finally(() => child.kill('SIGKILL'));
    },
  };
}
