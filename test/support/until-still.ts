import { waitUntil } from './with-deadline.ts';

/** Waits until a number is above zero and has not changed for so long. @returns it */
export async function untilStill(read: () => number, forMs: number): Promise<number> {
  let last = 0;
  let sinceMs = performance.now();
  await waitUntil(() => {
    const now = read();
    if (now !== last) {
      last = now;
      sinceMs = performance.now();
    }
    return last > 0 && performance.now() - sinceMs > forMs;
  }, 'the standstill');
  return last;
}
