import { ProxyFailure } from '../failures.ts';
import type { ClientWatch } from './client-watch.ts';

/** Waits. @throws {ProxyFailure} `client_gone` as soon as nobody waits any more */
export function sleepUnlessGone(delayMs: number, watch: ClientWatch): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, delayMs);
    const stop = (): void => {
      clearTimeout(timer);
      reject(new ProxyFailure('client_gone'));
    };
    if (watch.isGone) stop();
    else watch.onGone(stop);
  });
}
