import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { loadLineFormat } from './load-line-format.ts';

export interface DemoDaemon {
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 15_000;

/**
 * Starts the daemon as a user would, in a process of its own, on an "instance" whose metadata is at `imdsEndpoint`.
 * Its log lines go to standard output. @throws where it does not listen in time
 */
export async function startDemoDaemon(configFile: string, imdsEndpoint: string): Promise<DemoDaemon> {
  const format = await loadLineFormat(process.stdout.isTTY);
  const [, program = ''] = process.argv;
  const child = spawn(process.execPath, [program, `--config=${configFile}`, '--log-level=info'], {
    env: createEnvironment(imdsEndpoint),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const isListening = Promise.withResolvers<undefined>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    process.stdout.write(`  ${format(line)}\n`);
    if (line.includes('"msg":"listening"')) isListening.resolve(undefined);
  });
  const deadline = setTimeout(
    () => isListening.reject(new Error('the daemon did not listen in time')),
    START_DEADLINE_MS,
  );
  try {
    await Promise.race([
      isListening.promise,
      exited.then(() => Promise.reject(new Error('the daemon ended at once'))),
    ]);
  } catch (error) {
    child.kill();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
  return {
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The user's own AWS settings would win over the instance role, so they stay out, and a demo is nothing for New Relic. */
function createEnvironment(imdsEndpoint: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:AWS_|S3_HELPER_|NEW_RELIC_)/.test(name));
  return {
    ...Object.fromEntries(kept),
    AWS_EC2_METADATA_SERVICE_ENDPOINT: imdsEndpoint,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}
