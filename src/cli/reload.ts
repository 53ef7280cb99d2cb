import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigSources } from '../config/read-config.ts';
import { type FoundRunFile, listRunFiles, readRunFile, readStartTime } from './run-file.ts';

const LOOK_INTERVAL_MS = 25;

type Reloads = FoundRunFile['content']['reloads'];

/** Tells the running daemon to read its configuration again, and waits. @returns 0, or 1 where it was not applied */
export async function reloadDaemon(sources: ConfigSources, timeoutMs: number): Promise<number> {
  const places = listRunFiles(sources.file, sources.environment);
  const found = places.map(readRunFile).find((file) => file !== undefined && isRunning(file));
  if (found === undefined) {
    return complain([
      `no running daemon of ${sources.file} has left word in ${places.join(' or ')}; ` +
        'send SIGHUP to its process, whose log says how the reload ends',
    ]);
  }
  const { pid, reloads } = found.content;
  // One that is under way may have read the file before it was written; the one after it has not.
  const wanted = reloads.begun + 1;
  try {
    process.kill(pid, 'SIGHUP');
  } catch (error) {
    return complain([`process ${pid} cannot be told: ${(error as Error).message}`]);
  }
  const endsAtMs = performance.now() + timeoutMs;
  while (performance.now() < endsAtMs) {
    await sleep(LOOK_INTERVAL_MS);
    const now = readRunFile(found.path);
    if (now?.content.pid !== pid || !isRunning(now)) return complain([`process ${pid} has ended`]);
    if (now.content.reloads.ended >= wanted) return report(now.content.reloads);
  }
  return complain([`process ${pid} has not reloaded within ${timeoutMs} ms; its log says more`]);
}

/** Whether the process is there that wrote the file: another one of its number, or of another user, gets no signal. */
function isRunning({ userId, content: { pid, started } }: FoundRunFile): boolean {
  const startTime = readStartTime(pid);
  if (startTime !== started) return false;
  return startTime === undefined || statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === userId;
}

function report({ outcome, reasons, warnings }: Reloads): number {
  for (const warning of warnings) process.stdout.write(`warning: ${warning}\n`);
  if (outcome !== 'applied') return complain(['the configuration was not reloaded', ...reasons]);
  process.stdout.write('the configuration was reloaded\n');
  return 0;
}

function complain(sentences: readonly string[]): number {
  for (const sentence of sentences) process.stderr.write(`s3-helper: ${sentence}\n`);
  return 1;
}
