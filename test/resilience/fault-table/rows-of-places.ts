import type { FailureName } from '../../../src/failures.ts';
import type { Fault } from '../../servers/fake-s3-faults.ts';
import { failed, retried, served } from './expectation.ts';
import { type FaultRow, type Place, row } from './row.ts';

/** A redirect that names no other region is never followed, nor passed on. */
function neverFollowed(name: string, fault: Extract<Fault, { kind: 'redirect' }>): FaultRow {
  return row(name, fault, () => failed('s3_redirect', 1));
}

/** The daemon has this region in its configuration, and the bucket is in `eu-west-1`. */
const ELSEWHERE = { place: 'lenient', settings: { 's3.region': 'us-east-1' } } as const;

/** A redirect that names the bucket's region leads there, once. */
function learned(name: string, fault: Extract<Fault, { kind: 'redirect' }>): FaultRow {
  return row(
    name,
    fault,
    (question, frequency) =>
      frequency === 'once'
        ? retried(question, 'region')
        : { ...failed('s3_redirect', 2), causes: ['region'] },
    ELSEWHERE,
  );
}

const AWAY = 'https://elsewhere.example/media/a';
const IRELAND = 'https://media.s3.eu-west-1.amazonaws.com/a';

/** A place where no attempt is answered, and so no request seen. */
function unreachable(place: Place, name: string, failure: FailureName, attempts: number): FaultRow {
  return {
    name,
    fault: undefined,
    frequencies: ['always'],
    place,
    expect: () => ({ ...failed(failure, attempts), isNeverSeen: true }),
  };
}

export const ROWS_OF_PLACES: readonly FaultRow[] = [
  neverFollowed('301 without Location', { kind: 'redirect', status: 301 }),
  neverFollowed('301 with Location', { kind: 'redirect', status: 301, location: AWAY }),
  neverFollowed('301 with the region that was asked', {
    kind: 'redirect',
    status: 301,
    region: 'eu-west-1',
  }),
  neverFollowed('301 with a region that is none', {
    kind: 'redirect',
    status: 301,
    region: 'x.attacker.example/',
  }),
  neverFollowed('302 with Location', { kind: 'redirect', status: 302, location: AWAY }),
  neverFollowed('307 without Location', { kind: 'redirect', status: 307 }),
  neverFollowed('307 with a Location that names no region', {
    kind: 'redirect',
    status: 307,
    location: AWAY,
  }),
  learned('301 with another region', { kind: 'redirect', status: 301, region: 'eu-west-1' }),
  learned('307 with another region', { kind: 'redirect', status: 307, region: 'eu-west-1' }),
  learned('307 with a Location in another region', {
    kind: 'redirect',
    status: 307,
    location: IRELAND,
  }),
  row(
    '301 with another region, where s3.learn_region is false',
    { kind: 'redirect', status: 301, region: 'eu-west-1' },
    () => failed('s3_redirect', 1),
    { place: 'lenient', settings: { ...ELSEWHERE.settings, 's3.learn_region': 'false' } },
  ),
  unreachable('nobody', 'a port on which nobody listens', 's3_unreachable', 3),
  unreachable('clear text', 'clear text in the TLS handshake', 's3_tls', 1),
  unreachable('expired', 'an expired certificate', 's3_tls', 1),
  unreachable('wrong name', 'a certificate of another name', 's3_tls', 1),
  unreachable('untrusted', 'a certificate of an unknown authority', 's3_tls', 1),
  { name: 'no fault', fault: undefined, frequencies: ['always'], expect: served },
];
