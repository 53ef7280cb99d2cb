import type { Counts, Tally } from './counts.ts';
import type { Outcome } from './outcome.ts';

const MOST_NAMED = 3;

/** `1 request`, `2,340 requests`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** `45 of 300 requests`. */
export function partOf(part: number, all: number): string {
  return `${formatCount(part)} of ${countOf(all, 'request')}`;
}

/** Why requests ended like that, the most frequent first: `s3_reset 40, SlowDown 2`. */
export function listReasons({ reasons }: Counts, outcome: Outcome): string {
  const prefix = `${outcome} `;
  const those = Object.entries(reasons).filter(([reason]) => reason.startsWith(prefix));
  return listTally(Object.fromEntries(those.map(([reason, count]) => [reason.slice(prefix.length), count])));
}

/** `NoSuchKey 40, AccessDenied 2`: the most frequent first. */
export function listTally(tally: Tally): string {
  const ranked = Object.entries(tally)
    .filter(([name, count]) => name !== '' && count > 0)
    .sort(([, one], [, other]) => other - one);
  const named = ranked.slice(0, MOST_NAMED).map(([name, count]) => `${name} ${formatCount(count)}`);
  return [...named, ...(ranked.length > MOST_NAMED ? ['…'] : [])].join(', ');
}

/** `40 ms`, `2.4 s`, `12 min`, `5 h 12 min`, `3 days`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (ms < 120_000) return `${Math.floor(ms / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / (24 * 60))} days`;
}

export function formatRate(perSecond: number): string {
  return perSecond < 10 ? String(Number(perSecond.toPrecision(2))) : formatCount(Math.round(perSecond));
}

function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
