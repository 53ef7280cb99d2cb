import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { waitUntil } from '../test/support/with-deadline.ts';
import { type PinnedProcess, spawnPinned } from './pinned-process.ts';
import { BUCKET } from './upstream-server.ts';

/** Settings that not every state of the program knows. */
export interface DaemonSettings {
  /** `s3.client`; undefined takes the program's own choice. */
  readonly client?: string | undefined;
  /** `workers`; undefined takes the program's own choice. */
  readonly workers?: number | undefined;
  /** Beside `/`: `/r0/`, `/r1/` and so on, all to the same bucket. */
  readonly routeCount?: number | undefined;
  /** With statsd, to a port that nobody listens on, and the admin listener. */
  readonly hasMetrics?: boolean | undefined;
}

export interface DaemonOptions extends DaemonSettings {
  /** JavaScript or TypeScript. */
  readonly main: string;
  /** `http(s)://127.0.0.1:PORT` of the S3 stand-in. */
  readonly endpoint: string;
  readonly caFile: string;
  readonly cores: string;
  /** A folder of its own; made here. */
  readonly directory: string;
  readonly nodeOptions?: readonly string[] | undefined;
}

export interface RunningDaemon extends PinnedProcess {
  /** `http://127.0.0.1:PORT/`, below which are the objects. */
  readonly url: string;
  /** Keeps the access log from filling the disk. */
  emptyLog(): void;
}

const SESSION_TOKEN_BYTES = 900;

/** A service manager's clean environment, with static credentials as long as an instance role's. */
export function daemonEnvironment(caFile: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2VjEPT/+='.repeat(50).slice(0, SESSION_TOKEN_BYTES),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    NODE_EXTRA_CA_CERTS: caFile,
  };
}

/** Starts the program on a configuration file, with its access log in a file, and waits until it listens. */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const { main, caFile, cores, directory, nodeOptions = [] } = options;
  const configFile = writeConfig(options);
  const logFile = join(directory, 'access.log');
  const log = openSync(logFile, 'a');
  const daemon = spawnPinned([process.execPath, ...nodeOptions, main, '--config', configFile], {
    cores,
    environment: daemonEnvironment(caFile),
    stdout: log,
  });
  closeSync(log);
  let ended: number | string | undefined;
  void daemon.exited.then((code) => (ended = code));
  let address: string | undefined;
  await waitUntil(() => {
    address = /"listen":\["([^"]+)"/.exec(readFileSync(logFile, 'utf8'))?.[1];
    return address !== undefined || ended !== undefined;
  }, "the daemon's line that says where it listens");
  if (address === undefined) throw new Error(`the daemon ended with ${ended ?? ''}:\n${daemon.errors()}`);
  return { ...daemon, url: `http://${address}/`, emptyLog: () => truncateSync(logFile) };
}

/** Whether the program accepts these settings: one that lacks a key is measured without it. */
export function acceptsSettings(options: DaemonOptions): boolean {
  const args = [options.main, '--check', '--config', writeConfig(options)];
  return spawnSync(process.execPath, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

/** @returns the file */
export function writeConfig(options: DaemonOptions): string {
  mkdirSync(options.directory, { recursive: true });
  const file = join(options.directory, 's3-helper.yml');
  const routes = Array.from({ length: options.routeCount ?? 0 }, (_, index) => ({
    path: `/r${index}/`,
    bucket: BUCKET,
  }));
  const config = {
    listen: '127.0.0.1:0',
    ...(options.workers !== undefined && { workers: options.workers }),
    s3: {
      bucket: BUCKET,
      region: 'us-east-1',
      endpoint: options.endpoint,
      path_style: true,
      ...(options.client !== undefined && { client: options.client }),
    },
    ...(routes.length > 0 && { routes }),
    ...(options.hasMetrics === true && {
      admin: { listen: '127.0.0.1:0' },
      statsd: { address: '127.0.0.1:9' },
    }),
  };
  writeFileSync(file, stringify(config));
  return file;
}
