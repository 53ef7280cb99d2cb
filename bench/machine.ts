import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Where it was measured and with what. */
export interface Machine {
  readonly processor: string;
  readonly coreCount: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  readonly nginx: string;
  readonly wrk: string;
  readonly openssl: string;
}

/** Describes the machine. @throws {Error} naming what is missing */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    coreCount: cpus().length,
    memoryBytes: totalmem(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
    kernel: release(),
    node: process.versions.node,
    nginx: readVersion(['nginx', '-v'], /nginx\/(\S+)/),
    wrk: readVersion(['wrk', '-v'], /wrk (\S+)/),
    openssl: readVersion(['openssl', 'version'], /OpenSSL (\S+)/),
  };
}

function readVersion([program, ...args]: readonly [string, ...string[]], pattern: RegExp): string {
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env, timeout: 10_000 });
  if (error) throw new Error(`${program} is missing; apt-get install ${program}`, { cause: error });
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown';
}
