/** How a metric is sent by statsd. */
export interface StatsdRow {
  readonly name: string;
  /** Counter, gauge or timing (a sample of the times themselves, in milliseconds). */
  readonly type: 'c' | 'g' | 'ms';
  /** Labels that are left out, as the others say the same. */
  readonly without?: readonly string[];
  /** To a unit in which whole numbers are enough: collectd drops the fractions of counters. */
  readonly factor?: number;
}

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What it is, in one sentence, for Prometheus and for the documentation. */
  readonly help: string;
  readonly labels: readonly string[];
  readonly unit: string;
  readonly statsd: StatsdRow;
}

function counter(statsdName: string, unit: string, labels: readonly string[], help: string): MetricRow {
  return { type: 'counter', help, labels, unit, statsd: { name: statsdName, type: 'c' } };
}

function gauge(statsdName: string, unit: string, labels: readonly string[], help: string): MetricRow {
  return { type: 'gauge', help, labels, unit, statsd: { name: statsdName, type: 'g' } };
}

function times(statsdName: string, labels: readonly string[], help: string): MetricRow {
  return { type: 'histogram', help, labels, unit: 'seconds', statsd: { name: statsdName, type: 'ms' } };
}

/** The route's bucket is in its configuration, and collectd cuts names off at 127 bytes. */
const WITHOUT_BUCKET = ['bucket'];

/**
 * Every metric of ours by its name in Prometheus: the one source for the metrics text, statsd and docs/telemetry.md, which
 * a test holds to it. A label without a value is empty. What a process says of itself is in `process-metrics.ts`.
 */
export const METRICS = {
  s3_helper_requests_total: {
    type: 'counter',
    help: 'Requests that are over, by how they ended; s3_error_code is set where S3 refused them.',
    labels: ['route', 'bucket', 'method', 'status_class', 'failure', 's3_error_code'],
    unit: 'requests',
    statsd: { name: 'requests', type: 'c', without: WITHOUT_BUCKET },
  },
  s3_helper_responses_total: counter(
    'responses',
    'responses',
    ['route', 'status'],
    'Responses by status; 499 where the client left before there was one.',
  ),
  s3_helper_response_bytes_total: {
    type: 'counter',
    help: "Bytes of response bodies that were handed to the clients' sockets.",
    labels: ['route', 'bucket'],
    unit: 'bytes',
    statsd: { name: 'bytes', type: 'c', without: WITHOUT_BUCKET },
  },
  s3_helper_first_byte_seconds: times(
    'first_byte_time',
    ['route'],
    "Time from a request's arrival to the head of S3's first answer.",
  ),
  s3_helper_request_seconds: times(
    'request_time',
    ['route'],
    "Time from a request's arrival to the end of its response.",
  ),
  s3_helper_attempts_total: counter(
    'attempts',
    'requests',
    ['route'],
    'Requests sent to S3, with retries, hedges and resumes.',
  ),
  s3_helper_retries_total: counter(
    'retries',
    'requests',
    ['route', 'cause'],
    'Requests that were put to S3 again, by what was wrong before.',
  ),
  s3_helper_hedges_total: counter(
    'hedges',
    'requests',
    ['route', 'outcome'],
    'Second requests sent since the first answer was late, and how many of these were answered first.',
  ),
  s3_helper_resumes_total: counter(
    'resumes',
    'bodies',
    ['route'],
    'Bodies that broke and were taken up again where they broke.',
  ),
  s3_helper_client_aborts_total: counter(
    'client_aborts',
    'requests',
    ['route'],
    'Requests whose client left, or stopped reading, before the end.',
  ),
  s3_helper_s3_errors_total: counter(
    's3_errors',
    'answers',
    ['route', 'code'],
    'Answers of S3 that were errors, those that were retried included, by its code or, where it sent none, its status.',
  ),
  s3_helper_broken_requests_total: counter(
    'broken_requests',
    'connections',
    ['failure'],
    'Connections that sent what is no request.',
  ),
  s3_helper_requests_in_flight: gauge('requests_in_flight', 'requests', [], 'Requests that are not over.'),
  s3_helper_requests_queued: gauge(
    'requests_queued',
    'requests',
    [],
    'Requests that wait since limits.max_requests are with S3.',
  ),
  s3_helper_s3_connections: gauge(
    's3_connections',
    'connections',
    ['state'],
    'Connections to S3: open (busy ones included), busy, and requests that wait for one.',
  ),
  s3_helper_credentials_expiry_seconds: gauge(
    'credentials_expiry',
    'seconds',
    ['source'],
    'Time until the credentials in use expire, negative afterwards; absent for those that never do.',
  ),
  s3_helper_credentials_degraded: gauge(
    'credentials_degraded',
    '0 or 1',
    ['source'],
    '1 where there are no credentials, or they are past their expiry.',
  ),
  s3_helper_credentials_refreshes_total: counter(
    'credentials_refreshes',
    'fetches',
    ['source'],
    'Fetches of credentials that succeeded.',
  ),
  s3_helper_credentials_failures_total: counter(
    'credentials_failures',
    'fetches',
    ['source'],
    'Fetches of credentials that failed.',
  ),
  s3_helper_clock_offset_seconds: gauge(
    'clock_offset',
    'seconds',
    [],
    "S3's time less this machine's, as far as signatures had to be corrected.",
  ),
  s3_helper_signer_mismatches_total: counter(
    'signer_mismatches',
    'hosts',
    [],
    'S3 hosts for which the fast signer failed its self-check, so that the reference signs.',
  ),
  s3_helper_workers: gauge('workers', 'processes', ['state'], 'Processes that serve, by state.'),
  s3_helper_draining: gauge('draining', '0 or 1', [], '1 while the daemon ends.'),
  s3_helper_config_reloads_total: counter(
    'config_reloads',
    'reloads',
    ['outcome'],
    'Reloads of the configuration: applied, or refused, which leaves the old one in force.',
  ),
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof METRICS;
