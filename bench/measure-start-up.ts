import { once } from 'node:events';
import { join } from 'node:path';
import { withDeadline } from '../test/support/with-deadline.ts';
import { daemonEnvironment, writeConfig } from './daemon.ts';
import { spawnPinned } from './pinned-process.ts';
import { type Spread, spread } from './summary.ts';
import { type Bench, daemonOptions } from './variants.ts';

export interface StartUp {
  /** From the process's start to the line that says where it listens, in milliseconds. */
  readonly listeningMs: Spread;
  /** A Node that does nothing, from start to end: what no program can be faster than. */
  readonly bareNodeMs: Spread;
}

const TIMES = 10;

/** Starts the program and a bare Node in turn, on all cores, with static credentials. */
export async function measureStartUp(bench: Bench): Promise<StartUp> {
  const options = daemonOptions(bench, 'http', 'start-up');
  const config = writeConfig(options);
  const listening: number[] = [];
  const bare: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    listening.push(await timeToListen([options.main, '--config', config], bench));
    bare.push(await timeToEnd(['-e', '0', join(options.directory, 'nothing')], bench));
  }
  return { listeningMs: spread(listening), bareNodeMs: spread(bare) };
}

async function timeToListen(args: readonly string[], { cores, upstream }: Bench): Promise<number> {
  const startedAtMs = performance.now();
  const daemon = spawnPinned([process.execPath, ...args], {
    cores: cores.all,
    environment: daemonEnvironment(upstream.caFile),
  });
  try {
    let output = '';
    while (!output.includes('"listen":[')) {
      const text = once(daemon.child.stdout ?? daemon.child, 'data') as Promise<[Buffer]>;
      const ended = daemon.exited.then((code): never => {
        throw new Error(`the daemon ended with ${code}:\n${daemon.errors()}`);
      });
      output += String((await withDeadline(Promise.race([text, ended]), 'the daemon at its port'))[0]);
    }
    return performance.now() - startedAtMs;
  } finally {
    await daemon.stop();
  }
}

async function timeToEnd(args: readonly string[], { cores }: Bench): Promise<number> {
  const startedAtMs = performance.now();
  await spawnPinned([process.execPath, ...args], { cores: cores.all }).exited;
  return performance.now() - startedAtMs;
}
