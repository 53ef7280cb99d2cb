import { readBusySeconds, readCpuSeconds } from './process-cost.ts';

const QUIET_LOAD = 0.1;
const LOOK_MS = 200;

/** @returns a function that tells what other programs have used of the machine since: 1 is one processor */
export function watchOthers(): () => number {
  const startedAtMs = performance.now();
  const before = readOthersSeconds();
  return () => {
    const seconds = (performance.now() - startedAtMs) / 1000;
    // The two are not read at the very same moment.
    return Math.max(0, (readOthersSeconds() - before) / seconds);
  };
}

/** Waits until other programs have used next to nothing for a moment, but no longer than that. */
export async function waitForQuiet(patienceSeconds: number): Promise<void> {
  const deadline = performance.now() + patienceSeconds * 1000;
  while (performance.now() < deadline) {
    const others = watchOthers();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (others() < QUIET_LOAD) return;
  }
}

/** All that we measure and measure with are children of this process. */
function readOthersSeconds(): number {
  return readBusySeconds() - readCpuSeconds(process.pid);
}
