import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorSetup } from '../doctor-setup.ts';
import { fail, type Finding, ok, warn } from '../finding.ts';
import { askMetadata, type MetadataAnswer, type MetadataServer } from '../ask-metadata.ts';

/** Instance metadata answers by version 2, through the network that this process is in, and the instance has a role. */
export const check: DoctorCheck = {
  name: 'imds',
  order: 110,
  deadlineMs: 8000,
  whenLate: 'the metadata service takes requests and does not answer; it is asked again by the daemon',
  plan: ({ identities, environment }) => {
    const usesInstance = identities.filter(({ source }) => source.includes('instance metadata'));
    const server = findServer(environment);
    const allowsV1 = usesInstance.some(({ settings }) => settings.imdsV1);
    return usesInstance.length === 0 ? [] : [{ subject: server.url.host, run: () => look(server, allowsV1) }];
  },
};

/** The SDK's own variables and addresses (SDKs and Tools Reference Guide, "IMDS credential provider"). */
function findServer(environment: DoctorSetup['environment']): MetadataServer {
  const isIpv6 = environment['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE']?.toLowerCase() === 'ipv6';
  const standard = isIpv6 ? 'http://[fd00:ec2::254]' : 'http://169.254.169.254';
  return { url: new URL(environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? standard) };
}

const ROLES = '/latest/meta-data/iam/security-credentials/';
const MODIFY = 'aws ec2 modify-instance-metadata-options --instance-id i-…';
const HOP_LIMIT_FIX =
  `raise the hop limit, as a container with a network of its own is one hop further: ` +
  `${MODIFY} --http-put-response-hop-limit 2`;

async function look(server: MetadataServer, allowsV1: boolean): Promise<Finding> {
  const token = await askMetadata(server, {
    method: 'PUT',
    path: '/latest/api/token',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  const obstacle = explainToken(token);
  if (obstacle !== undefined) return obstacle;
  const role = await askMetadata(server, {
    path: ROLES,
    headers: { 'x-aws-ec2-metadata-token': token.text },
  });
  if (role.status === 404)
    return fail(
      'IMDSv2 answers, but the instance has no role',
      'attach an instance profile; the daemon finds it without a restart',
    );
  if (role.status !== 200)
    return fail(
      `IMDSv2 gives a token and then says ${describe(role)}`,
      'no proxy may stand between this machine and its metadata',
    );
  const says = `IMDSv2 in ${Math.round(token.tookMs)} ms, role ${role.text.trim().slice(0, 64)}`;
  const withoutToken = await askMetadata(server, { path: '/latest/meta-data/', headers: {} });
  const facts = { token_ms: Math.round(token.tookMs), imds_v1: withoutToken.status === 200 };
  if (withoutToken.status === 200)
    return warn(
      `${says}, but IMDSv1 answers too, which any process that can be made to send a GET can read`,
      `turn it off: ${MODIFY} --http-tokens required`,
      facts,
    );
  if (allowsV1) return warn(`${says}; IMDSv1 is not needed`, 'take credentials.imds_v1: true out', facts);
  return ok(says, facts);
}

function explainToken(token: MetadataAnswer): Finding | undefined {
  if (token.status === 200) return undefined;
  if (token.status === 403)
    return fail('instance metadata is turned off (403)', `turn it on: ${MODIFY} --http-endpoint enabled`);
  if (token.status >= 500)
    return warn(`instance metadata says ${token.status}`, 'it is asked again by the daemon; wait a minute');
  if (token.status > 0)
    return fail(
      `the token request of IMDSv2 is answered with ${token.status}`,
      'no proxy may stand between this machine and its metadata',
    );
  if (token.hasConnected)
    return fail(`the token request of IMDSv2 gets no answer (${token.code})`, HOP_LIMIT_FIX);
  return fail(
    `nobody answers there (${token.code})`,
    'if this is an EC2 instance, let this process reach 169.254.169.254; ' +
      'if not, name where its credentials come from in credentials.source',
  );
}

function describe({ status, code }: MetadataAnswer): string {
  return status > 0 ? String(status) : code;
}
