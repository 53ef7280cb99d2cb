import type { DoctorCheck } from '../doctor-check.ts';
import type { Connection, EndpointSubject } from '../endpoint-subject.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';

/** Every address of every host takes a connection within `timeouts.connect`. */
export const check: DoctorCheck = {
  name: 'tcp',
  order: 40,
  deadlineMs: 30_000,
  whenLate: 'a firewall swallows the packets; let this machine out to the port of S3',
  plan: ({ endpoints, config }) =>
    endpoints.map((endpoint) => ({
      subject: endpoint.name,
      needs: [{ check: 'dns', subject: endpoint.name }],
      run: async () => judge(endpoint, await endpoint.connections(config.timeouts.connectMs)),
    })),
};

function judge({ endpoint, s3 }: EndpointSubject, connections: readonly Connection[]): Finding {
  const failed = connections.filter(({ error }) => error !== undefined);
  const facts = { addresses: connections.length, failed: failed.length };
  const [first] = failed;
  const code = first?.error?.code ?? 'no code';
  if (first === undefined) return ok(`port ${endpoint.port} takes connections`, facts);
  const fix = findFix(code, s3.endpoint === undefined);
  if (failed.length === connections.length)
    return fail(`port ${endpoint.port} takes no connection (${code})`, fix, facts);
  const list = failed.map(({ address }) => address).join(' ');
  return warn(
    `${failed.length} of ${connections.length} addresses take no connection: ${list} (${code})`,
    `the daemon leaves them out; ${fix}`,
    facts,
  );
}

function findFix(code: string, isAws: boolean): string {
  if (code === 'ECONNREFUSED')
    return isAws
      ? 'something on the way to AWS refuses; look at the firewall and at what the name resolves to'
      : 'is the server running, and is the port in s3.endpoint right?';
  if (code === 'ETIMEDOUT')
    return isAws
      ? 'let this machine out to port 443: its security group and network ACL, and a way to S3 (gateway endpoint, NAT)'
      : 'a firewall swallows the packets, or timeouts.connect is too short for this distance';
  return 'this machine has no way there: look at its routes with ip route, and in AWS for a gateway endpoint or NAT';
}
