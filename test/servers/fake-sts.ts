import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  issueCredentials,
  toTimestamp,
  type IssuedCredentials,
} from '../../src/demo/rotating-credentials.ts';
import { startFaultyServer, type Answer, type Fault, type FaultyServer } from './faulty-server.ts';

// How the SDK gets here. The STS client inside @aws-sdk/credential-providers (@aws-sdk/nested-clients, `sts`) has the service
// id "STS", and its endpoint resolution (@smithy/core, getEndpointUrlConfig.ts) takes the first of: an `endpoint` in the
// provider's `clientConfig`; AWS_ENDPOINT_URL_STS; AWS_ENDPOINT_URL; in the profile (AWS_PROFILE, else `default`) a `services`
// section's `sts` `endpoint_url`, then the profile's own `endpoint_url`. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true switches all
// but the first off. Plain http is accepted. The region is only for the signature: `clientConfig.region`, AWS_REGION, the
// profile, else us-east-1 (fromTokenFile says so on the console, fromTemporaryCredentials does not).

/** STS's own errors that a test may ask for, with the status each comes with (STS API Reference, "Common Errors" and each action's). */
const ERRORS = {
  Throttling: [400, 'Rate exceeded'],
  InternalFailure: [500, 'The request processing has failed because of an unknown error.'],
  ServiceUnavailable: [503, 'The request has failed due to a temporary failure of the server.'],
  AccessDenied: [403, 'The caller is not authorized to perform this action on the role.'],
  ExpiredToken: [403, 'The security token included in the request is expired'],
  ExpiredTokenException: [400, 'Token expired: current date/time must be before the expiration date/time'],
  InvalidIdentityToken: [400, 'The web identity token could not be validated.'],
  IDPCommunicationError: [400, 'The identity provider could not be reached.'],
  InvalidClientTokenId: [403, 'The security token included in the request is invalid.'],
  MissingAuthenticationToken: [403, 'Request is missing Authentication Token'],
  ValidationError: [400, 'A parameter is missing or out of range.'],
  InvalidAction: [400, 'Could not find this operation for version 2011-06-15'],
} as const satisfies Readonly<Record<string, readonly [status: number, message: string]>>;

export type StsErrorCode = keyof typeof ERRORS;

export type StsFault = Fault | { readonly kind: 'error'; readonly code: StsErrorCode };

export interface StsRequest {
  readonly action: string;
  readonly roleArn: string | undefined;
  readonly roleSessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly webIdentityToken: string | undefined;
  readonly durationSeconds: number | undefined;
  /** From the SigV4 Authorization header; `undefined` where the request is not signed, as with a web identity. */
  readonly signingKeyId: string | undefined;
  readonly signingRegion: string | undefined;
}

export interface FakeSts extends Omit<FaultyServer<StsRequest>, 'origin'> {
  /** For `AWS_ENDPOINT_URL_STS`. */
  readonly endpoint: string;
  /** Every session handed out, the last one last. */
  readonly issued: readonly IssuedCredentials[];
  /** Spoils every answer until `recover()`. */
  inject(fault: StsFault): void;
  recover(): void;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const ACCOUNT = '123456789012';

/**
 * An STS that anybody may call: it wants a signature where STS does, and checks its presence only. Sessions live as long as
 * DurationSeconds says (900 to 43200, 3600 unless sent), or always `lifetimeMs` where that is given.
 */
export async function startFakeSts(
  options: { readonly now?: () => number; readonly lifetimeMs?: number } = {},
): Promise<FakeSts> {
  const now = options.now ?? Date.now;
  const issued: IssuedCredentials[] = [];
  let fault: StsFault | undefined;

  function issue(request: StsRequest): IssuedCredentials {
    const lifetimeMs = options.lifetimeMs ?? (request.durationSeconds ?? 3600) * 1000;
    const credentials = issueCredentials(randomUUID(), now(), lifetimeMs);
    issued.push(credentials);
    return credentials;
  }

  function answer(request: StsRequest): Answer {
    const refusal = refuse(request);
    if (refusal !== undefined) return errorXml(refusal);
    if (request.action === 'GetCallerIdentity') {
      const session = issued.find(({ accessKeyId }) => accessKeyId === request.signingKeyId);
      return identityXml(session === undefined ? 'user/source' : 'assumed-role/role/session');
    }
    return sessionXml(request, issue(request));
  }

  const { origin, ...server } = await startFaultyServer((request, body) => {
    const seen = readRequest(new URLSearchParams(body), request.headers);
    // A call that fails at STS issues no session; one whose answer is lost on the way does.
    if (fault?.kind === 'error') return { seen, answer: errorXml(fault.code), fault: undefined };
    return { seen, answer: answer(seen), fault };
  });
  return {
    ...server,
    endpoint: origin,
    issued,
    inject: (kind) => {
      fault = kind;
    },
    recover: () => {
      fault = undefined;
    },
  };
}

function readRequest(form: URLSearchParams, headers: IncomingHttpHeaders): StsRequest {
  const [, signingKeyId, , signingRegion] =
    /Credential=([^/]+)\/(\d{8})\/([^/]+)\/sts\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  const duration = form.get('DurationSeconds');
  return {
    action: form.get('Action') ?? '',
    roleArn: form.get('RoleArn') ?? undefined,
    roleSessionName: form.get('RoleSessionName') ?? undefined,
    externalId: form.get('ExternalId') ?? undefined,
    webIdentityToken: form.get('WebIdentityToken') ?? undefined,
    durationSeconds: duration === null ? undefined : Number(duration),
    signingKeyId,
    signingRegion,
  };
}

function refuse(request: StsRequest): StsErrorCode | undefined {
  const { action, signingKeyId, roleArn = '', roleSessionName = '', durationSeconds = 3600 } = request;
  if (!['AssumeRole', 'AssumeRoleWithWebIdentity', 'GetCallerIdentity'].includes(action))
    return 'InvalidAction';
  const byWebIdentity = action === 'AssumeRoleWithWebIdentity';
  if (!byWebIdentity && signingKeyId === undefined) return 'MissingAuthenticationToken';
  if (action === 'GetCallerIdentity') return undefined;
  if (byWebIdentity && request.webIdentityToken === undefined) return 'ValidationError';
  const valid =
    /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(roleArn) &&
    /^[\w+=,.@-]{2,64}$/.test(roleSessionName) &&
    durationSeconds >= 900 &&
    durationSeconds <= 43_200;
  return valid ? undefined : 'ValidationError';
}

function sessionXml(request: StsRequest, issued: IssuedCredentials): Answer {
  const { action, roleArn = '', roleSessionName = '' } = request;
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const subject =
    action === 'AssumeRoleWithWebIdentity'
      ? '<SubjectFromWebIdentityToken>system:serviceaccount:default:app</SubjectFromWebIdentityToken><Audience>sts.amazonaws.com</Audience>'
      : '';
  return resultXml(
    action,
    `<Credentials><AccessKeyId>${issued.accessKeyId}</AccessKeyId>` +
      `<SecretAccessKey>${issued.secretAccessKey}</SecretAccessKey>` +
      `<SessionToken>${issued.sessionToken}</SessionToken>` +
      `<Expiration>${toTimestamp(issued.expiresAtMs)}</Expiration></Credentials>` +
      `<AssumedRoleUser><AssumedRoleId>AROAEXAMPLEEXAMPLE00:${roleSessionName}</AssumedRoleId>` +
      `<Arn>arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/${roleSessionName}</Arn></AssumedRoleUser>${subject}`,
  );
}

function identityXml(name: string): Answer {
  const arn = `arn:aws:${name.startsWith('user/') ? 'iam' : 'sts'}::${ACCOUNT}:${name}`;
  return resultXml(
    'GetCallerIdentity',
    `<Arn>${arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>${ACCOUNT}</Account>`,
  );
}

function resultXml(action: string, result: string): Answer {
  return xml(
    200,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

function errorXml(code: StsErrorCode): Answer {
  const [status, message] = ERRORS[code];
  return xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

function xml(status: number, body: string): Answer {
  return { status, body, headers: { 'content-type': 'text/xml' } };
}
