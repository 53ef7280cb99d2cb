import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { accessSync, constants, statSync } from 'node:fs';
import type { StatsdAddress } from '../../../config/statsd-address.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { type Finding, ok, warn } from '../finding.ts';

/** Metrics have somewhere to go: the host is known, and nothing there refuses them. */
export const check: DoctorCheck = {
  name: 'statsd',
  order: 180,
  deadlineMs: 6000,
  whenLate: 'the name servers do not answer; write an IP address in statsd.address',
  plan: ({ config: { statsd } }) => {
    const { address } = statsd;
    if (address === undefined) return [];
    const subject = address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;
    return [
      { subject, run: () => (address.kind === 'unix' ? lookAtPath(address.path) : sendNothing(address)) },
    ];
  },
};

/** How long a host on the same network takes to refuse. */
const REFUSAL_MS = 300;
const START_FIX = 'start the statsd server (for collectd: LoadPlugin statsd), or correct statsd.address';

async function sendNothing({ host, port }: Extract<StatsdAddress, { kind: 'udp' }>): Promise<Finding> {
  let family: number;
  let address: string;
  try {
    ({ family, address } = await lookup(host));
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    return warn(`there is no ${host} (${code}), so no metric is sent`, 'correct statsd.address');
  }
  const refusal = await findRefusal(address, port, family === 6 ? 'udp6' : 'udp4');
  return refusal === undefined
    ? ok('nothing refuses; UDP says no more')
    : warn(`nobody takes metrics there (${refusal})`, START_FIX);
}

/** Sends an empty datagram, which is no metric. @returns the code of a refusal */
function findRefusal(address: string, port: number, type: 'udp4' | 'udp6'): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const end = (code?: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(code);
    };
    const timer = setTimeout(end, REFUSAL_MS);
    socket.once('error', ({ code = 'no code' }: NodeJS.ErrnoException) => end(code));
    socket.connect(port, address, () => socket.send(Buffer.alloc(0)));
  });
}

function lookAtPath(path: string): Promise<Finding> {
  const isSocket = statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
  if (!isSocket) return Promise.resolve(warn('there is no such socket', START_FIX));
  try {
    accessSync(path, constants.W_OK);
  } catch {
    return Promise.resolve(
      warn(
        'this user may not write to it',
        'let the user of the daemon write to the socket, or run doctor as that user',
      ),
    );
  }
  return Promise.resolve(ok('the socket is there and may be written to'));
}
