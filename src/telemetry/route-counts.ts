import { LatencyHistogram } from './latency-histogram.ts';
import type { Series } from './metric-family.ts';
import { toErrorCode, toRetryCause } from './label-values.ts';
import type { MetricName } from './metrics.ts';
import type { RequestReport } from './request-report.ts';
import { TimingSamples } from './timing-samples.ts';

const FIRST_BYTE_BOUNDS_MS = [1, 2.5, 5, 10, 15, 25, 40, 60, 100, 150, 250, 500, 1000, 2500, 5000, 10_000];
const TOTAL_BOUNDS_MS = [...FIRST_BYTE_BOUNDS_MS, 30_000, 60_000, 300_000, 1_800_000];

/** What is in `causes` of a report without being a retry: it is counted apart. */
const NO_RETRIES: ReadonlySet<string> = new Set(['hedge', 'body_cut', 'body_stall']);

/** Everything that is counted of one route's requests, but for how they ended. */
export class RouteCounts {
  readonly route: string;
  readonly bucket: string;
  readonly #firstByte = new LatencyHistogram(FIRST_BYTE_BOUNDS_MS);
  readonly #total = new LatencyHistogram(TOTAL_BOUNDS_MS);
  readonly #retries = new Map<string, number>();
  readonly #s3Errors = new Map<string, number>();
  readonly #samples: TimingSamples | undefined;
  #bytes = 0;
  #attempts = 0;
  #hedges = 0;
  #hedgesWon = 0;
  #resumes = 0;
  #clientAborts = 0;

  /** @param sampleRate - share of the requests whose times are kept as they are; undefined keeps none */
  constructor(route: string, bucket: string, sampleRate: number | undefined) {
    this.route = route;
    this.bucket = bucket;
    this.#samples = sampleRate === undefined ? undefined : new TimingSamples(sampleRate);
  }

  add(report: RequestReport, totalMs: number): void {
    this.#bytes += report.bytes;
    this.#attempts += report.attempts;
    if (report.firstByteMs !== undefined) this.#firstByte.observe(report.firstByteMs);
    this.#total.observe(totalMs);
    this.#samples?.offer(report.firstByteMs, totalMs);
    if (report.causes.length > 0) this.#addMore(report);
    if (report.s3Errors !== undefined)
      for (const code of report.s3Errors) increase(this.#s3Errors, toErrorCode(code));
    if (report.failure === 'client_gone' || report.failure === 'client_stall') this.#clientAborts += 1;
  }

  /** The times that were kept since it was asked last. */
  takeTimings(): RouteTimings | undefined {
    const taken = this.#samples?.take();
    return taken && { route: this.route, ...taken };
  }

  toSeries(): [MetricName, Series[]][] {
    const route = { route: this.route };
    const one = (value: number): Series[] => [{ labels: route, value }];
    return [
      ['s3_helper_response_bytes_total', [{ labels: { ...route, bucket: this.bucket }, value: this.#bytes }]],
      ['s3_helper_first_byte_seconds', this.#firstByte.toSeries('s3_helper_first_byte_seconds', route)],
      ['s3_helper_request_seconds', this.#total.toSeries('s3_helper_request_seconds', route)],
      ['s3_helper_attempts_total', one(this.#attempts)],
      ['s3_helper_retries_total', toSeries(this.#retries, (cause) => ({ ...route, cause }))],
      [
        's3_helper_hedges_total',
        [
          { labels: { ...route, outcome: 'sent' }, value: this.#hedges },
          { labels: { ...route, outcome: 'won' }, value: this.#hedgesWon },
        ],
      ],
      ['s3_helper_resumes_total', one(this.#resumes)],
      ['s3_helper_client_aborts_total', one(this.#clientAborts)],
      ['s3_helper_s3_errors_total', toSeries(this.#s3Errors, (code) => ({ ...route, code }))],
    ];
  }

  /** Of the few requests for which one attempt was not enough. */
  #addMore({ causes, hedges, hedgesWon, resumes }: RequestReport): void {
    this.#hedges += hedges;
    this.#hedgesWon += hedgesWon;
    this.#resumes += resumes;
    for (const cause of causes) if (!NO_RETRIES.has(cause)) increase(this.#retries, toRetryCause(cause));
  }
}

/** A sample of the times of one route's requests, in milliseconds. */
export interface RouteTimings {
  readonly route: string;
  readonly firstByteMs: readonly number[];
  readonly totalMs: readonly number[];
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function toSeries(
  counts: ReadonlyMap<string, number>,
  toLabels: (key: string) => Record<string, string>,
): Series[] {
  return [...counts].map(([key, value]) => ({ labels: toLabels(key), value }));
}
