import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One line of /proc/PID/stat, as far as it matters here. */
export interface ProcessStat {
  readonly parentPid: number;
  /** User and system time, that of children that have ended included; in clock ticks. */
  readonly cpuTicks: number;
}

/** Reads /proc/PID/stat (proc(5)); the program's name in it may hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number => Number(fields[index]);
  return { parentPid: at(1), cpuTicks: at(11) + at(12) + at(13) + at(14) };
}

/** @returns ticks in which any processor was busy or taken from this machine; of the `cpu` line in /proc/stat */
export function parseBusyTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}

let ticksPerSecond: number | undefined;

/** Counts in seconds, as /proc counts in ticks. */
function toSeconds(ticks: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks / ticksPerSecond;
}

/** @returns CPU seconds that all processes of the machine have used so far */
export function readBusySeconds(): number {
  return toSeconds(parseBusyTicks(readFileSync('/proc/stat', 'utf8')));
}

/** @returns CPU seconds that a process and its descendants have used so far. @throws {Error} when it is gone */
export function readCpuSeconds(pid: number): number {
  let ticks = 0;
  for (const { cpuTicks } of readTree(pid).values()) ticks += cpuTicks;
  return toSeconds(ticks);
}

/** @returns resident bytes of a process and its descendants; pages that they share count once for each */
export function readResidentBytes(pid: number): number {
  let kibibytes = 0;
  for (const member of readTree(pid).keys()) {
    const status = readIfThere(`/proc/${member}/status`) ?? '';
    kibibytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  }
  return kibibytes * 1024;
}

/** The process and its descendants. */
function readTree(rootPid: number): Map<number, ProcessStat> {
  const stats = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = readIfThere(`/proc/${name}/stat`);
    if (line !== undefined) stats.set(Number(name), parseStat(line));
  }
  const root = stats.get(rootPid);
  if (root === undefined) throw new Error(`process ${rootPid} is gone`);
  const tree = new Map([[rootPid, root]]);
  // A map's iterator also visits what is added on the way, so children's children come in turn.
  for (const parentPid of tree.keys()) {
    for (const [pid, stat] of stats) if (stat.parentPid === parentPid) tree.set(pid, stat);
  }
  return tree;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // It ended while we looked.
  }
}
