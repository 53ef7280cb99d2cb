import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../support/with-deadline.ts';

/** Debian's collectd with its statsd plugin, which stores once a second. */
export interface RunningCollectd {
  readonly port: number;
  /** Whatever it has said. */
  readonly log: () => string;
  /** The names of all that is stored, such as `count-prod.s3-helper.start`. */
  listNames(): string[];
  /** What is stored under a name, in order; empty where nothing is. */
  readValues(name: string): number[];
  close(): Promise<void>;
}

/** @throws {Error} with what it said, where it does not start */
export async function startCollectd(): Promise<RunningCollectd> {
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-collectd-'));
  const port = await findFreeUdpPort();
  const configFile = join(directory, 'collectd.conf');
  writeFileSync(configFile, createConfig(directory, port));
  const child = spawn('/usr/sbin/collectd', ['-f', '-C', configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'close');
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (log += String(text)));
  await waitUntil(
    () => log.includes(`Listening on [127.0.0.1]:${port}`) || child.exitCode !== null,
    'the start of collectd',
  );
  if (child.exitCode !== null) throw new Error(`collectd ended with ${child.exitCode}: ${log}`);
  const stored = join(directory, 'data', 'localhost', 'statsd');
  // A file's name ends with the day.
  const listFiles = (): string[] =>
    readdirSync(join(directory, 'data'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.startsWith('localhost/statsd/'))
      .map((path) => path.slice('localhost/statsd/'.length));
  return {
    port,
    log: () => log,
    listNames: () => [...new Set(listFiles().map((name) => name.slice(0, -'-YYYY-MM-DD'.length)))].toSorted(),
    readValues: (name) =>
      listFiles()
        .filter((file) => file.slice(0, -'-YYYY-MM-DD'.length) === name)
        .toSorted()
        .flatMap((file) => readFileSync(join(stored, file), 'utf8').trim().split('\n').slice(1))
        .map((line) => Number(line.split(',')[1])),
    close: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true });
    },
  };
}

function createConfig(directory: string, port: number): string {
  return `
Hostname "localhost"
BaseDir "${directory}"
PIDFile "${directory}/pid"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File "STDOUT"
</Plugin>
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "${port}"
  CounterSum true
  TimerCount true
  TimerLower true
  TimerUpper true
  TimerPercentile 90
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "${directory}/data"
</Plugin>
`;
}

async function findFreeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
