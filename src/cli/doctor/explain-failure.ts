import type { FailureName, ProxyFailure } from '../../failures.ts';
import { fail, type Finding } from './finding.ts';

/** What to do about a request of doctor's own that brought no answer, by the failures table's name. */
const FIXES: Partial<Readonly<Record<FailureName, string>>> = {
  credentials_unavailable: 'see the line of credentials',
  s3_unreachable: 'see the lines of dns and tcp; the address worked a moment ago',
  s3_tls: 'see the line of tls',
  s3_connect_timeout: 'S3 did not take a connection in timeouts.connect; see the line of tcp',
  s3_first_byte_timeout:
    'S3 was slower than timeouts.first_byte; if it stays so, ' +
    'the bucket is far away or overloaded, or a firewall drops what was sent',
  s3_reset:
    'something closes connections in the middle of a request; ' +
    'look for a proxy or firewall on the way, and whether the port is that of S3',
  s3_bad_response:
    's3.endpoint leads to something that is no S3, or does not speak HTTP/1.1; correct it, or its http:// and https://',
  s3_wrong_range: 'something on the way to S3 changes ranges; let nothing cache between the daemon and S3',
  dot_segment: 'a key with a segment of one or two dots cannot be served; rename the object',
  key_too_long: 'shorten the key or s3.prefix; together they may have 1024 bytes',
  no_key: 'give the key of an object after --key',
};

const UNKNOWN_FIX = 'see docs/troubleshooting.md for this failure';

/** One of the daemon's failures, in its own words. */
export function explainFailure({ failure, row, cause }: ProxyFailure): Finding {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  const says = `${failure}${code === undefined ? '' : ` (${code})`}: ${row.text.replace(/\.$/, '')}`;
  return fail(says, FIXES[failure] ?? UNKNOWN_FIX);
}
