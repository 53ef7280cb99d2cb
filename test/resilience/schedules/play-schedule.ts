import type { FakeS3 } from '../../servers/fake-s3.ts';
import type { SeenRequest } from '../../servers/fake-s3-seen.ts';
import { toProxyOptions } from '../../support/open-scene.ts';
import { type Answer, sendRequest } from '../../support/send-request.ts';
import { RESILIENT, startProxy } from '../../support/start-proxy.ts';
import type { RequestReport } from '../../../src/telemetry/request-report.ts';
import { type Version, versionBytes } from './model.ts';
import { renderRange, type Schedule } from './schedule.ts';

const SETTINGS = {
  ...RESILIENT,
  'hedge.enabled': 'false',
  'timeouts.body_stall': '400ms',
  'timeouts.first_byte': '5s',
};

/** What came of a schedule. */
export interface PlayedSchedule {
  readonly answer: Answer;
  /** Every state that the object was in. */
  readonly versions: readonly Version[];
  readonly seen: readonly SeenRequest[];
  readonly report: RequestReport;
}

/** Asks once for an object of its own through a daemon of its own. @param key - used once only */
export async function playSchedule(schedule: Schedule, key: string, s3: FakeS3): Promise<PlayedSchedule> {
  const versions: Version[] = [];
  const put = (size: number): void => {
    const version = { number: versions.length, size };
    versions.push(version);
    const fill = (offset: number, length: number): Buffer => versionBytes(version, offset, length);
    s3.put(key, { size, fill }, { etag: `"version-${version.number}"` });
  };
  put(schedule.size);
  s3.put(`${key}-warm`, 'warm');
  const proxy = await startProxy(toProxyOptions(s3, { settings: SETTINGS }));
  try {
    for (let warmUp = 0; warmUp < schedule.warmUps; warmUp += 1)
      await sendRequest(proxy.port, `/${key}-warm`);
    const from = s3.seen.length;
    const seen = (): SeenRequest[] => s3.seen.slice(from).filter((request) => request.key === key);
    const over = new AbortController();
    // The requests that it waits for need not come.
    void replaceInTurn(schedule, { s3, put, seen, over: over.signal }).catch(() => undefined);
    injectAll(schedule, s3, key);
    const range = renderRange(schedule.range);
    const headers = range === undefined ? {} : { Range: range };
    const answer = await sendRequest(proxy.port, `/${key}`, { headers, deadlineMs: 20_000 });
    over.abort();
    while (proxy.reports.length <= schedule.warmUps) await proxy.nextReport();
    return { answer, versions, seen: seen(), report: proxy.reports.at(-1)! };
  } finally {
    await proxy.close();
  }
}

/** One for each request, so that every event meets its own. */
function injectAll({ events }: Schedule, s3: FakeS3, key: string): void {
  for (const event of events) s3.inject('fault' in event ? event.fault : { kind: 'headers' }, { key });
}

interface Replacement {
  readonly s3: FakeS3;
  readonly put: (size: number) => void;
  readonly seen: () => readonly SeenRequest[];
  readonly over: AbortSignal;
}

async function replaceInTurn({ events }: Schedule, { s3, put, seen, over }: Replacement): Promise<void> {
  for (const [index, event] of events.entries()) {
    if (event.is !== 'replaced') continue;
    await s3.waitFor(() => over.aborted || seen().length > index, 'the request');
    if (over.aborted) return;
    put(event.size);
  }
}
