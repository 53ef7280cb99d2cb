import type { Config, ListenAddress } from './config.ts';
import { isLoopbackAddress } from './loopback-address.ts';

type Listeners = Pick<Config, 'listen' | 'allowRemote' | 'admin'>;

/** Adds a mistake for each address that other machines can reach unasked, and for one that is to serve two things. */
export function checkListeners({ listen, allowRemote, admin }: Listeners, mistakes: string[]): void {
  if (!allowRemote) {
    checkLoopback('listen', listen, 'read the bucket unsigned', mistakes);
    if (admin.listen !== undefined) checkLoopback('admin.listen', [admin.listen], 'watch it', mistakes);
  }
  if (listen.some((address) => admin.listen !== undefined && isSamePlace(address, admin.listen))) {
    mistakes.push('admin.listen: the bucket is served there (listen); write another address');
  }
}

function checkLoopback(
  name: string,
  addresses: readonly ListenAddress[],
  threat: string,
  mistakes: string[],
): void {
  for (const address of addresses) {
    if (address.kind === 'unix' || isLoopbackAddress(address.host)) continue;
    const example = name === 'listen' ? '127.0.0.1:8080' : '127.0.0.1:8081';
    mistakes.push(
      `${name}: ${address.host} can be reached from other machines, which could then ${threat}; ` +
        `write a loopback address such as ${example}, or set allow_remote: true if that is what you want`,
    );
  }
}

/** Port 0 is another port each time. */
function isSamePlace(one: ListenAddress, other: ListenAddress): boolean {
  if (one.kind === 'unix') return other.kind === 'unix' && one.path === other.path;
  return other.kind === 'tcp' && one.port !== 0 && one.port === other.port && one.host === other.host;
}
