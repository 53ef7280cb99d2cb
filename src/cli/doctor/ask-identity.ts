import { resolveEndpoint } from '../../s3/resolve-endpoint.ts';
import { createCheckedSigner } from '../../s3/sign/checked-signer.ts';
import { createWireClient } from '../../s3/wire/create-wire-client.ts';
import { sendOnce } from './ask-upstream.ts';
import type { DoctorSetup } from './doctor-setup.ts';
import type { IdentitySubject } from './identity-subject.ts';
import { readText } from './read-text.ts';

export interface IdentityAnswer {
  readonly statusCode: number;
  readonly code: string | undefined;
  readonly arn: string | undefined;
}

interface Asking {
  readonly identity: IdentitySubject;
  readonly setup: DoctorSetup;
  readonly signal: AbortSignal;
}

const QUERY = 'Action=GetCallerIdentity&Version=2011-06-15';

/**
 * Where STS is, by the SDK's own variables or by the region. @returns undefined where it is only known to be elsewhere
 * @param isAws - whether the keys are for AWS at all
 */
export function findStsUrl(
  region: string,
  environment: DoctorSetup['environment'],
  isAws: boolean,
): string | undefined {
  const named = environment['AWS_ENDPOINT_URL_STS'] ?? environment['AWS_ENDPOINT_URL'];
  if (named !== undefined || !isAws) return named;
  // The partition's own suffix, from the one place that knows the partitions.
  const { hostname } = resolveEndpoint({ bucket: 'any', region });
  return `https://${hostname.replace('any.s3.', 'sts.')}`;
}

/** Asks STS whose credentials these are, signed as the daemon signs. @throws {ProxyFailure} where no answer comes */
export async function askIdentity(url: string, { identity, setup, signal }: Asking): Promise<IdentityAnswer> {
  const { region } = identity;
  const endpoint = resolveEndpoint({ bucket: 'sts', region, endpoint: url, pathStyle: true });
  const { timeouts } = setup.config;
  const client = createWireClient(endpoint, {
    connectTimeoutMs: timeouts.connectMs,
    firstByteTimeoutMs: timeouts.firstByteMs,
    bodyStallTimeoutMs: timeouts.firstByteMs,
    lookup: setup.lookup,
  });
  const { sign } = createCheckedSigner(
    { host: endpoint.host, region, service: 'sts' },
    { onMismatch: () => undefined },
  );
  try {
    const unsigned = { method: 'GET', path: '/', query: QUERY } as const;
    const headers = await sign(unsigned, await identity.issued(), setup.clock.nowMs());
    const request = { method: 'GET', target: `/?${QUERY}`, headers } as const;
    const response = await sendOnce(client, request, signal);
    const xml = await readText(response);
    return {
      statusCode: response.head.statusCode,
      code: /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(xml)?.[1],
      arn: /<Arn>(arn:[\w+=,.@:/-]{1,2048})<\/Arn>/.exec(xml)?.[1],
    };
  } finally {
    await client.close();
  }
}
