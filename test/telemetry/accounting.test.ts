import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cell, FAULT_CELLS } from '../resilience/fault-table/cells.ts';
import { QUESTIONS } from '../resilience/fault-table/question.ts';
import { sumCounters } from '../servers/start-statsd-sink.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { waitUntil } from '../support/with-deadline.ts';
import { type AccountingScene, openAccountingScene, REACHABLE } from './accounting-scene.ts';
import { readMetric, sumMetric } from './start-telemetry-scene.ts';

/** Cells that are played at a time; most of their time is waiting. */
const AT_ONCE = 64;

type Line = Readonly<Record<string, unknown>>;
type Tally = Readonly<Record<string, number>>;

/** What came of all cells, as everybody tells it. */
interface Outcome {
  readonly answers: ReadonlyMap<Cell, Answer>;
  readonly log: readonly Line[];
  /** Prometheus's text. */
  readonly text: string;
  readonly statsd: ReadonlyMap<string, number>;
  readonly status: { readonly requests: number; readonly bytes: number; readonly attempts: number };
  readonly listSeen: AccountingScene['listSeen'];
}

/** One question a fault; with two workers others than with one. */
function pickCells(workers: number): Cell[] {
  const perRow = QUESTIONS.length;
  return FAULT_CELLS.filter((_, index) => {
    const row = Math.floor(index / perRow);
    return index % perRow === (row + workers * 3) % perRow;
  });
}

async function playAll(scene: AccountingScene, cells: readonly Cell[]): Promise<Map<Cell, Answer>> {
  const answers = new Map<Cell, Answer>();
  const waiting = [...cells];
  const play = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift())
      answers.set(cell, await scene.play(cell));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
  return answers;
}

async function account(scene: AccountingScene, cells: readonly Cell[]): Promise<Outcome> {
  const { program, sink, adminPort, listSeen } = scene;
  const answers = await playAll(scene, cells);
  const readLog = (): Line[] => program.logLines.filter(({ msg }) => msg === 'request');
  await waitUntil(() => readLog().length >= cells.length, 'a line for each request');
  const { text } = await sendRequest(adminPort, '/metrics');
  const { totals } = JSON.parse((await sendRequest(adminPort, '/status.json')).text) as {
    totals: Outcome['status'];
  };
  expect(await program.stop()).toBe(0);
  await sink.untilLine('s3-helper.stop:1|c');
  return { answers, log: readLog(), text, statsd: sumCounters(sink.lines()), status: totals, listSeen };
}

describe.each([1, 2])('Over the fault table, with workers: %i,', (workers) => {
  const cells = pickCells(workers);
  let scene: AccountingScene;
  let outcome: Outcome;

  beforeAll(async () => {
    scene = await openAccountingScene(workers);
    outcome = await account(scene, cells);
  }, 90_000);

  afterAll(() => scene.close());

  test('every request is counted once, by everybody', () => {
    const { log, text, statsd, status } = outcome;
    expect(cells.length).toBeGreaterThan(200);
    expect([
      log.length,
      sumMetric(text, 's3_helper_requests_total'),
      sumMetric(text, 's3_helper_responses_total'),
      sumMetric(text, 's3_helper_request_seconds_count'),
      sumStatsd(statsd, 'requests.'),
      sumStatsd(statsd, 'responses.'),
      status.requests,
    ]).toEqual(Array(7).fill(cells.length));
  });

  test('outcomes are the same in log, Prometheus and statsd, and failures are among them', () => {
    const { log, text, statsd } = outcome;
    const ofLog = tally(log.map(({ failure }) => (typeof failure === 'string' ? failure : 'none')));
    expect(tallyLabel(text, 's3_helper_requests_total', 'failure')).toEqual(ofLog);
    // requests.ROUTE.METHOD.CLASS.FAILURE.CODE
    expect(tallyPart(statsd, 'requests', 3)).toEqual(ofLog);
    const certain = ['none', 's3_unreachable', 's3_tls', 's3_redirect', 'body_cut'];
    expect(Object.keys(ofLog)).toEqual(expect.arrayContaining(certain));
  });

  test('the statuses that clients got are the ones that are counted', () => {
    const { answers, text, statsd, log } = outcome;
    const ofClients = tally([...answers.values()].map(({ status }) => String(status)));
    expect(tally(log.map(({ status }) => String(status)))).toEqual(ofClients);
    expect(tallyLabel(text, 's3_helper_responses_total', 'status')).toEqual(ofClients);
    expect(tallyPart(statsd, 'responses', 1)).toEqual(ofClients);
  });

  test('the bytes that are counted are the bytes that clients read', () => {
    const { answers, log, text, statsd, status } = outcome;
    const byKey = new Map(log.map(({ key, bytes }) => [key, Number(bytes)]));
    for (const [cell, { body, isComplete }] of answers) {
      const counted = byKey.get(cell.key) ?? NaN;
      // What was on its way to a client that was cut off counts as handed over.
      if (isComplete) expect([cell.name, counted]).toEqual([cell.name, body.length]);
      else expect(counted).toBeGreaterThanOrEqual(body.length);
    }
    const sum = [...byKey.values()].reduce((total, bytes) => total + bytes, 0);
    expect([
      sumMetric(text, 's3_helper_response_bytes_total'),
      sumStatsd(statsd, 'bytes.'),
      statsd.get('s3-helper.s3_serve.bytes'),
      status.bytes,
    ]).toEqual(Array(4).fill(sum));
  });

  test('the attempts that are counted are the requests that S3 saw', () => {
    const { log, text, statsd, status, listSeen } = outcome;
    const inText = readMetric(text, 's3_helper_attempts_total');
    for (const route of REACHABLE) {
      const ofLog = log.filter((line) => line['route'] === `/${route}/`);
      const seen = listSeen(route);
      const counted = ofLog.reduce((sum, { attempts }) => sum + Number(attempts), 0);
      expect([inText.get(`route="/${route}/"`), statsd.get(`s3-helper.attempts.${route}`)]).toEqual([
        counted,
        counted,
      ]);
      // With the whole line, so that a difference explains itself.
      const different = ofLog.filter((line) => {
        const unseen = Number(line['attempts']) - seen.filter((key) => key === line['key']).length;
        return unseen < 0 || unseen > countLost(line);
      });
      expect(different).toEqual([]);
      expect(seen.length).toBeGreaterThan(ofLog.length * 0.9);
    }
    const all = log.reduce((sum, { attempts }) => sum + Number(attempts), 0);
    expect([sumMetric(text, 's3_helper_attempts_total'), status.attempts]).toEqual([all, all]);
    expect(all).toBeGreaterThan(cells.length);
  });

  test('each attempt beyond the first is a retry or a resume', () => {
    const { log, text, statsd } = outcome;
    const asked = log.filter(({ attempts }) => Number(attempts) > 0).length;
    const retries = sumMetric(text, 's3_helper_retries_total');
    const resumes = sumMetric(text, 's3_helper_resumes_total');
    expect(sumMetric(text, 's3_helper_attempts_total')).toBe(asked + retries + resumes);
    expect([sumStatsd(statsd, 'retries.'), sumStatsd(statsd, 'resumes.')]).toEqual([retries, resumes]);
  });
});

/** Requests on kept connections that S3 had closed already: sent they were, but S3 may not have seen them. */
function countLost({ retried_for: causes }: Line): number {
  return Array.isArray(causes) ? causes.filter((cause) => cause === 'closed_connection').length : 0;
}

function tally(names: readonly string[]): Tally {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Sums a metric by one of its labels. */
function tallyLabel(text: string, metric: string, label: string): Tally {
  const counts: Record<string, number> = {};
  for (const [labels, value] of readMetric(text, metric)) {
    const found = new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? 'missing';
    const name = found === '' ? 'none' : found;
    counts[name] = (counts[name] ?? 0) + value;
  }
  return counts;
}

/** Sums a counter of statsd by the part of its name at this place behind the counter's own. */
function tallyPart(statsd: ReadonlyMap<string, number>, counter: string, place: number): Tally {
  const counts: Record<string, number> = {};
  const beginning = `s3-helper.${counter}.`;
  for (const [name, value] of statsd) {
    if (!name.startsWith(beginning)) continue;
    const part = name.slice(beginning.length).split('.')[place] ?? 'missing';
    counts[part] = (counts[part] ?? 0) + value;
  }
  return counts;
}

function sumStatsd(statsd: ReadonlyMap<string, number>, beginning: string): number {
  return [...statsd]
    .filter(([name]) => name.startsWith(`s3-helper.${beginning}`))
    .reduce((sum, [, value]) => sum + value, 0);
}
