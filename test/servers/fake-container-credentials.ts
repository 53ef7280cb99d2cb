import { toTimestamp, type IssuedCredentials } from '../../src/demo/rotating-credentials.ts';
import { startFaultyServer, type Answer, type Fault, type FaultyServer } from './faulty-server.ts';

/** Credentials that expired `agoMs` ago are served, or one of the faults of the wire. */
export type ContainerFault = Fault | { readonly kind: 'expired'; readonly agoMs: number };

/**
 * How a wrong or missing authorisation token is refused. `expired`: 400 with a JSON `ExpiredToken`; `unauthorized`: 401 with
 * a JSON body; `text`: 400 with a bare sentence, which is what the EKS Pod Identity agent sends (boto/botocore issue 3480).
 */
export type Refusal = 'expired' | 'unauthorized' | 'text';

export interface ContainerRequest {
  readonly method: string;
  readonly path: string;
  /** The Authorization header as it came; a token file's content, to the byte. */
  readonly token: string | undefined;
  readonly authorized: boolean;
}

export interface FakeContainerCredentials extends Omit<FaultyServer<ContainerRequest>, 'origin'> {
  /** For `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
  readonly fullUri: string;
  /** How often credentials were asked for, answered or not. */
  readonly credentialFetches: number;
  /** From the next request on only this token is accepted, as after the kubelet rotated the file. */
  setExpectedToken(token: string): void;
  setRefusal(refusal: Refusal): void;
  /** Spoils every answer until `recover()`. */
  inject(fault: ContainerFault): void;
  recover(): void;
}

const PATH = '/v1/credentials';

const REFUSALS: Readonly<Record<Refusal, Answer>> = {
  expired: json(400, { Code: 'ExpiredToken', Message: 'The token included in the request is expired.' }),
  unauthorized: json(401, { Code: 'Unauthorized', Message: 'The authorization token is not valid.' }),
  text: {
    status: 400,
    body: 'Service account token failed basic claim validations: token is expired',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  },
};

/** The credential endpoint of an ECS task or an EKS pod, with an authorisation token that can be changed at run time. */
export async function startFakeContainerCredentials(options: {
  readonly credentials: () => IssuedCredentials;
  readonly expectedToken: string;
  readonly now?: () => number;
}): Promise<FakeContainerCredentials> {
  const now = options.now ?? Date.now;
  let { expectedToken } = options;
  let refusal: Refusal = 'expired';
  let fault: ContainerFault | undefined;

  function answer(path: string, authorized: boolean): Answer {
    if (path !== PATH) return json(404, { Code: 'NotFound', Message: 'No such path.' });
    if (!authorized) return REFUSALS[refusal];
    const issued = options.credentials();
    return json(
      200,
      format(fault?.kind === 'expired' ? { ...issued, expiresAtMs: now() - fault.agoMs } : issued),
    );
  }

  const { origin, ...server } = await startFaultyServer(({ method = '', url: path = '', headers }) => {
    const token = headers.authorization;
    const authorized = token === expectedToken;
    return {
      seen: { method, path, token, authorized },
      answer: answer(path, authorized),
      fault: fault?.kind === 'expired' ? undefined : fault,
    };
  });
  return {
    ...server,
    fullUri: origin + PATH,
    get credentialFetches() {
      return server.requests.filter(({ path }) => path === PATH).length;
    },
    setExpectedToken: (token) => {
      expectedToken = token;
    },
    setRefusal: (kind) => {
      refusal = kind;
    },
    inject: (kind) => {
      fault = kind;
    },
    recover: () => {
      fault = undefined;
    },
  };
}

function format(issued: IssuedCredentials): Readonly<Record<string, string>> {
  return {
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    Token: issued.sessionToken,
    AccountId: '123456789012',
    Expiration: toTimestamp(issued.expiresAtMs),
  };
}

function json(status: number, fields: Readonly<Record<string, string>>): Answer {
  return { status, body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } };
}
