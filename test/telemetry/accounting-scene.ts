import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlaces } from '../resilience/fault-table/open-places.ts';
import type { Cell } from '../resilience/fault-table/cells.ts';
import { OBJECT_BYTES, OBJECT_ETAG } from '../resilience/fault-table/question.ts';
import type { Place } from '../resilience/fault-table/row.ts';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { startStatsdSink, type StatsdSink } from '../servers/start-statsd-sink.ts';
import { type Answer, sendRequest } from '../support/send-request.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';

/** The routes of the program, one a place of the fault table. */
const ROUTES = {
  strict: 'strict',
  lenient: 'lenient',
  fixed: 'fixed',
  nobody: 'nobody',
  'clear text': 'clear-text',
  expired: 'expired',
  'wrong name': 'wrong-name',
  untrusted: 'untrusted',
} as const;

/** Those whose S3 sees every attempt. */
export const REACHABLE: readonly string[] = ['strict', 'lenient', 'fixed'];

export interface AccountingScene {
  readonly program: RunningProgram;
  readonly sink: StatsdSink;
  readonly adminPort: number;
  /** Asks for a cell's object, with the cell's fault in the way. */
  play(cell: Cell): Promise<Answer>;
  /** Requests that the S3 of a route has seen, by their keys. */
  readonly listSeen: (route: string) => readonly (string | undefined)[];
  close(): Promise<void>;
}

/** The program, with everything that a fault table needs behind routes of its own. */
export async function openAccountingScene(workers: number): Promise<AccountingScene> {
  const [places, sink] = await Promise.all([openPlaces(), startStatsdSink()]);
  // A kept connection that S3 closes costs a request that is nobody's attempt: here there are none.
  const [strict, lenient, fixed] = await Promise.all(
    [true, false, false].map((requireSignature) =>
      startFakeS3({ requireSignature, requestsPerConnection: 1 }),
    ),
  );
  const own = { strict: strict!, lenient: lenient!, fixed: fixed! };
  const directory = mkdtempSync(join(tmpdir(), 's3-helper-accounting-'));
  const caFile = join(directory, 'ca.pem');
  writeFileSync(caFile, places.at.expired.ca ?? '');
  const endpointOf = (place: keyof typeof ROUTES): string =>
    place in own ? own[place as keyof typeof own].endpoint : places.at[place as Place].endpoint;
  const routes = (Object.keys(ROUTES) as (keyof typeof ROUTES)[]).map((place) => ({
    path: `/${ROUTES[place]}/`,
    endpoint: endpointOf(place),
    bucket: 'media',
    ca: caFile,
    region: place === 'lenient' || place === 'fixed' ? 'us-east-1' : 'eu-west-1',
    learn_region: place !== 'fixed',
  }));
  const program = await startProgram({
    yaml: JSON.stringify({
      workers,
      listen: '127.0.0.1:0',
      admin: { listen: '127.0.0.1:0' },
      statsd: { address: `127.0.0.1:${sink.port}`, flush_interval: '200ms' },
      timeouts: { first_byte: '700ms', body_stall: '700ms' },
      hedge: { enabled: false },
      routes,
    }),
    environment: {
      AWS_ACCESS_KEY_ID: FAKE_CREDENTIAL.accessKeyId,
      AWS_SECRET_ACCESS_KEY: FAKE_CREDENTIAL.secretAccessKey,
      AWS_SESSION_TOKEN: FAKE_CREDENTIAL.sessionToken ?? '',
    },
  });
  const line = program.logLines.find(({ msg }) => msg === 'listening');
  return {
    ...{ program, sink },
    adminPort: Number(/:(\d+)$/.exec(String(line?.['admin']))?.[1]),
    play: (cell) => {
      const place = pickPlace(cell);
      const s3 = place in own ? own[place as keyof typeof own] : places.at[place as Place].s3;
      return play(cell, { s3, port: program.port, path: `/${ROUTES[place]}/${cell.key}` });
    },
    listSeen: (route) => own[route as keyof typeof own].seen.map(({ key }) => key),
    close: async () => {
      await program.stop();
      await Promise.all([places.close(), sink.close(), ...Object.values(own).map((s3) => s3.close())]);
      rmSync(directory, { recursive: true });
    },
  };
}

function pickPlace({ row }: Cell): keyof typeof ROUTES {
  if (row.place !== 'lenient') return row.place ?? 'strict';
  return row.settings?.['s3.learn_region'] === 'false' ? 'fixed' : 'lenient';
}

function play(
  { row, question, frequency, key }: Cell,
  { s3, port, path }: { readonly s3: FakeS3; readonly port: number; readonly path: string },
): Promise<Answer> {
  const etag = row.etag ?? OBJECT_ETAG;
  s3.put(key, { size: OBJECT_BYTES }, { etag });
  for (const fault of row.before ?? []) s3.inject(fault, { key });
  if (row.fault !== undefined)
    s3.inject(row.fault(question), { key, times: frequency === 'once' ? 1 : Infinity });
  return sendRequest(port, path, {
    method: question.method,
    headers: question.headers,
    deadlineMs: 30_000,
  });
}
