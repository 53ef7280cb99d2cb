import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '../support/with-deadline.ts';

const PROJECT = join(import.meta.dirname, '../..');
const BOOT = join(import.meta.dirname, 'boot-systemd.sh');
const NAMESPACES = ['--mount', '--pid', '--uts', '--ipc', '--cgroup'];
/** What services and sockets wait for, without what it does on a machine. */
const EMPTY_TARGETS = ['sysinit', 'basic', 'network-online', 'multi-user', 'sockets', 'shutdown', 'network'];
const COMMAND_DEADLINE_MS = 40_000;

export interface SystemdOptions {
  /** /etc/s3-helper.yml. */
  readonly yaml: string;
  /** Drop-ins by unit: `s3-helper.service`. */
  readonly dropIns: Readonly<Record<string, string>>;
}

export interface CommandEnd {
  readonly code: number;
  readonly output: string;
}

/** A systemd of its own that runs the shipped units. */
export interface RunningSystemd {
  systemctl(...args: readonly string[]): Promise<CommandEnd>;
  /** Of the service. */
  show(property: string): Promise<string>;
  /** Runs any program where the service runs. */
  run(...command: readonly string[]): Promise<CommandEnd>;
  writeConfig(yaml: string): void;
  /** What the service has written. */
  readOutput(): string;
  close(): Promise<void>;
}

/** Why systemd cannot be booted here; undefined where it can. */
export function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can boot a systemd';
  if (findCgroupRoot() === undefined) return 'the kernel has no cgroup2 mounted';
  const { status, stderr } = spawnSync('unshare', [...NAMESPACES, '--fork', 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `there are no namespaces to be had: ${stderr}`;
}

/** Boots Debian's systemd with config/systemd/ in namespaces; the network is that of the tests. */
export async function startSystemd({ yaml, dropIns }: SystemdOptions): Promise<RunningSystemd> {
  const units = mkdtempSync(join(tmpdir(), 's3-helper-systemd-'));
  writeUnits(units, dropIns);
  writeFileSync(join(units, 's3-helper.yml'), yaml);
  const cgroup = mkdtempSync(join(findCgroupRoot() ?? '', 's3-helper-'));
  const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const boot = ['sh', BOOT, units, PROJECT, process.execPath];
  const child = spawn(
    'sh',
    ['-c', enter, cgroup, 'unshare', ...NAMESPACES, '--fork', '--kill-child', ...boot],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let messages = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (messages += text));
  const close = () => end(child, { units, cgroup });
  try {
    return { ...(await connect(child)), close };
  } catch (cause) {
    await close();
    throw new Error(`systemd did not boot: ${messages}`, { cause });
  }
}

async function connect(child: ChildProcess): Promise<Omit<RunningSystemd, 'close'>> {
  let init = 0;
  const run = (...command: readonly string[]): Promise<CommandEnd> => runInside(init, command);
  await waitUntil(() => {
    init = findInit(child.pid ?? 0);
    return init !== 0 && readName(init) === 'systemd';
  }, 'the first process');
  for (;;) {
    const { output } = await run('systemctl', 'is-system-running');
    if (/^(?:running|degraded)/.test(output)) break;
    if (child.exitCode !== null) throw new Error('it has ended');
  }
  const inside = (path: string): string => `/proc/${init}/root${path}`;
  return {
    run,
    systemctl: (...args) => run('systemctl', ...args),
    show: async (property) =>
      (
        await run('systemctl', 'show', 's3-helper.service', '--value', `--property=${property}`)
      ).output.trim(),
    writeConfig: (text) => writeFileSync(inside('/etc/s3-helper.yml'), text),
    readOutput: () => readFileSync(inside('/run/output'), 'utf8'),
  };
}

function writeUnits(folder: string, dropIns: SystemdOptions['dropIns']): void {
  for (const name of EMPTY_TARGETS)
    writeFileSync(join(folder, `${name}.target`), `[Unit]\nDescription=${name}\nDefaultDependencies=no\n`);
  for (const name of ['s3-helper.service', 's3-helper.socket']) {
    const text = readFileSync(join(PROJECT, 'config/systemd', name), 'utf8');
    writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, `${name}.d`));
    writeFileSync(join(folder, `${name}.d/test.conf`), dropIns[name] ?? '');
  }
  // There is no journal.
  const output = '[Service]\nStandardOutput=append:/run/output\nStandardError=append:/run/output\n';
  writeFileSync(join(folder, 's3-helper.service.d/output.conf'), output);
}

function findCgroupRoot(): string | undefined {
  return /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
}

/** The first process of the namespace; 0 where there is none yet. */
function findInit(parent: number): number {
  try {
    return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')[0]);
  } catch {
    return 0;
  }
}

function readName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

async function runInside(init: number, command: readonly string[]): Promise<CommandEnd> {
  const args = ['-t', String(init), '-m', '-p', '-u', '-i', '-C', ...command];
  try {
    const { stdout, stderr } = await promisify(execFile)('nsenter', args, { timeout: COMMAND_DEADLINE_MS });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, output: stdout + stderr };
  }
}

/** All of the namespace ends with its first process, and that with the one that made it. */
async function end(
  child: ChildProcess,
  { units, cgroup }: { readonly units: string; readonly cgroup: string },
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await waitUntil(
    () => readFileSync(join(cgroup, 'cgroup.events'), 'utf8').includes('populated 0'),
    'the end',
  );
  removeCgroup(cgroup);
  rmSync(units, { recursive: true });
}

/** Its files are the kernel's; only folders can be removed. */
function removeCgroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
  }
  rmdirSync(folder);
}
