import type { FakeS3 } from '../../servers/fake-s3.ts';
import type { SeenRequest } from '../../servers/fake-s3-seen.ts';
import { toProxyOptions } from '../../support/open-scene.ts';
import { type Answer, sendRequest } from '../../support/send-request.ts';
import { RESILIENT, startProxy } from '../../support/start-proxy.ts';
import type { RequestReport } from '../../../src/telemetry/request-report.ts';
import type { Cell } from './cells.ts';
import { OBJECT_BYTES, OBJECT_ETAG } from './question.ts';

/** Where a cell's daemon finds S3, and the S3 that is really behind it. */
export interface CellPlace {
  readonly s3: FakeS3;
  readonly endpoint: string;
  readonly ca?: string;
}

/** What came of a cell. */
export interface Played {
  readonly answer: Answer;
  /** The object's bytes. */
  readonly bytes: Buffer;
  readonly etag: string;
  /** Requests for the cell's key, in order. */
  readonly seen: readonly SeenRequest[];
  readonly reports: readonly RequestReport[];
  readonly logLines: readonly object[];
  readonly elapsedMs: number;
}

/** Hedges have tests of their own. */
const SETTINGS = {
  ...RESILIENT,
  'hedge.enabled': 'false',
  'timeouts.first_byte': '6s',
  'timeouts.body_stall': '6s',
  'retries.total': '10s',
};

/** Asks once for an object of its own through a daemon of its own. */
export async function playCell({ row, question, frequency, key }: Cell, place: CellPlace): Promise<Played> {
  const { s3, endpoint, ca } = place;
  const etag = row.etag ?? OBJECT_ETAG;
  const object = s3.put(key, { size: OBJECT_BYTES }, { etag });
  for (const fault of row.before ?? []) s3.inject(fault, { key });
  if (row.fault !== undefined)
    s3.inject(row.fault(question), { key, times: frequency === 'once' ? 1 : Infinity });
  const options = toProxyOptions(s3, { settings: { ...SETTINGS, 's3.endpoint': endpoint, ...row.settings } });
  const proxy = await startProxy({ ...options, ...(ca === undefined ? {} : { ca }) });
  try {
    const startedAtMs = performance.now();
    const { method } = question;
    const headers = { ...question.headers };
    if (headers['If-Match'] !== undefined) headers['If-Match'] = etag;
    const answer = await sendRequest(proxy.port, `/${key}`, { method, headers });
    const elapsedMs = performance.now() - startedAtMs;
    await proxy.nextReport();
    return {
      answer,
      bytes: Buffer.from(object.source.read(0, OBJECT_BYTES)),
      etag,
      seen: s3.seen.filter((request) => request.key === key),
      reports: proxy.reports,
      logLines: proxy.logLines,
      elapsedMs,
    };
  } finally {
    await proxy.close();
  }
}
