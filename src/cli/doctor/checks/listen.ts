import { accessSync, constants, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Config, ListenAddress } from '../../../config/config.ts';
import { isLoopbackAddress } from '../../../config/loopback-address.ts';
import type { DaemonProbe } from '../ask-daemon.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';
import { formatAddress } from '../format-address.ts';

/** Every address of `listen` is free or has a running s3-helper on it, and only this machine reaches it. */
export const check: DoctorCheck = {
  name: 'listen',
  order: 20,
  deadlineMs: 5000,
  whenLate: 'what listens there does not answer; see who it is with ss -ltnp, and end it',
  plan: ({ config, whoListens }) =>
    config.listen.map((address, index) => ({
      subject: formatAddress(address),
      run: async () => judge(config, address, await whoListens(index)),
    })),
};

async function judge(config: Config, address: ListenAddress, probe: DaemonProbe): Promise<Finding> {
  if (probe.who === 'other') {
    return fail(
      `something that is no s3-helper answers there (${probe.said})`,
      'see who it is with ss -ltnp (or ss -lxp for a unix socket) and end it, or write another address in listen',
    );
  }
  const isRunning = probe.who === 's3-helper';
  const unusable = isRunning ? undefined : await findObstacle(address);
  if (unusable !== undefined) return unusable;
  return judgeReach(config, address, isRunning ? 'held by a running s3-helper' : 'free');
}

function judgeReach({ socketMode }: Config, address: ListenAddress, state: string): Finding {
  const facts = { is_running: state !== 'free' };
  if (address.kind === 'unix') {
    const mode = `0${socketMode.toString(8)}`;
    if ((socketMode & 0o022) !== 0) return ok(`${state}, mode ${mode}`, facts);
    return warn(
      `${state}, but with mode ${mode} only its own user can connect`,
      'if nginx runs as another user, write socket_mode: 0660 and give the two a group in common',
      facts,
    );
  }
  if (isLoopbackAddress(address.host)) return ok(`${state}, loopback`, facts);
  return warn(
    `${state}, and other machines can reach it: who does reads the bucket unsigned`,
    'listen on 127.0.0.1, or keep strangers out with a firewall or a security group',
    facts,
  );
}

/** What would keep the daemon from listening there. */
async function findObstacle(address: ListenAddress): Promise<Finding | undefined> {
  const code = address.kind === 'unix' ? findPathObstacle(address.path) : await tryToListen(address);
  return code === undefined ? undefined : fail(...(OBSTACLES[code] ?? [code, UNKNOWN_FIX]));
}

const UNKNOWN_FIX = 'write another address in listen';

const OBSTACLES: Readonly<Record<string, readonly [says: string, fix: string]>> = {
  EADDRINUSE: [
    'another program holds it',
    'see who it is with ss -ltnp and end it, or write another port in listen',
  ],
  EADDRNOTAVAIL: [
    'this machine has no such address',
    'see what it has with ip addr, and correct listen; 127.0.0.1 is always there, [::1] only with IPv6',
  ],
  EACCES: [
    'this user may not listen there',
    'take a port above 1023, run doctor as the user of the daemon, or grant CAP_NET_BIND_SERVICE',
  ],
  ENOENT: [
    'the directory of the socket does not exist',
    'make it, and let the user of the daemon write there; under systemd RuntimeDirectory=s3-helper makes /run/s3-helper',
  ],
  ENOTSOCK: ['a file that is no socket is in the way', 'remove it, or write another path in listen'],
  EPERM: [
    'this user may not write into the directory of the socket',
    'let the user of the daemon write there, or run doctor as that user',
  ],
};

/** Nothing is made: a socket that doctor binds would have to be removed again. @returns a code of {@link OBSTACLES} */
function findPathObstacle(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isSocket()) return 'ENOTSOCK';
  const directory = dirname(path);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return 'ENOENT';
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return 'EPERM';
  }
}

/** Holds the address for a moment. */
function tryToListen({ host, port }: Extract<ListenAddress, { kind: 'tcp' }>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code = 'EINVAL' }: NodeJS.ErrnoException) => resolve(code));
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}
