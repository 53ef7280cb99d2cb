import { askThrough } from '../ask-through.ts';
import { findConnections } from '../find-connections.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorSetup } from '../doctor-setup.ts';
import { type Finding, ok, skip, warn } from '../finding.ts';

/** nginx keeps its connections to the daemon instead of making one for each request. */
export const check: DoctorCheck = {
  name: 'nginx-keep-alive',
  order: 230,
  deadlineMs: 10_000,
  whenLate: 'see the line of nginx',
  plan: (setup) => {
    const { through } = setup;
    if (through === undefined) return [];
    const needs = [{ check: 'nginx', subject: through.href }];
    return [{ subject: through.href, needs, run: (signal) => look(setup, through, signal) }];
  },
};

const REQUESTS = 8;
const FIX =
  'write proxy_http_version 1.1; and proxy_set_header Connection ""; beside the proxy_pass, ' +
  'and keepalive 32; in the upstream block that it names (nginx/upstream-s3-helper.conf)';

async function look({ config }: DoctorSetup, through: URL, signal: AbortSignal): Promise<Finding> {
  const before = findConnections(config.listen);
  if (before === undefined)
    return skip('the connections of this system cannot be counted; it has no /proc/net');
  for (let count = 0; count < REQUESTS; count += 1) await askThrough(through, { range: 'bytes=0-0', signal });
  const after = findConnections(config.listen) ?? before;
  const made = [...after.ended, ...after.open].filter(
    (connection) => !before.open.has(connection) && !before.ended.has(connection),
  ).length;
  const facts = { requests: REQUESTS, connections: made };
  if (made === 0 && after.open.size === 0)
    return skip('no request reached s3-helper; a cache in front answered, or nginx asks another address');
  // Of unix sockets nothing is left when they have ended; kept ones are there.
  const isEachNew = made >= REQUESTS || after.open.size === 0;
  if (isEachNew)
    return warn(`${REQUESTS} requests made ${made} connections to s3-helper, and kept none`, FIX, facts);
  return ok(`${REQUESTS} requests made ${made} connections to s3-helper`, facts);
}
