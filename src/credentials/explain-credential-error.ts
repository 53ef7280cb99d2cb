import type { CredentialSourceName } from '../config/config.ts';
import { hideSecrets } from './hide-secrets.ts';

type AskedSource = CredentialSourceName | 'assume_role';

interface Explanation {
  readonly source: AskedSource | 'any';
  /** Matched against the error's name, code and message, and its causes'. */
  readonly pattern: RegExp;
  readonly words: string;
}

/**
 * What operators read for the errors that the SDK is terse or misleading about; the first that fits. The SDK's own
 * words follow in brackets, so that they can be searched for.
 */
const EXPLANATIONS: readonly Explanation[] = [
  {
    source: 'instance',
    pattern: /TimeoutError|InstanceMetadataV1FallbackError|statusCode: 401/,
    words:
      'the metadata service gave no answer to the token request, or none in time; in a container with a network of its own the hop limit must be 2 ' +
      '(aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2), and IMDSv2 must be on',
  },
  {
    source: 'instance',
    pattern: /ECONNRESET|EPIPE/,
    words: 'the connection to the metadata service broke; it is asked again',
  },
  {
    source: 'instance',
    pattern: /EHOSTUNREACH|ENETUNREACH|ECONNREFUSED|EHOSTDOWN/,
    words:
      'there is no metadata service at this address; is this an EC2 instance, and may this process reach 169.254.169.254?',
  },
  {
    source: 'instance',
    pattern: /statusCode: 404/,
    words: 'the instance has no role; attach an instance profile',
  },
  {
    source: 'instance',
    pattern: /statusCode: 5\d\d/,
    words: 'the metadata service is in trouble (5xx); it is asked again',
  },
  {
    source: 'instance',
    pattern: /SyntaxError|Invalid response/,
    words: 'the metadata service sent something that is no credentials; is a proxy in between?',
  },
  {
    source: 'container',
    pattern: /ENOENT|EACCES/,
    words: 'the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read',
  },
  {
    source: 'container',
    pattern: /ERR_INVALID_CHAR|invalid \\r\\n/,
    words:
      'the token in the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ends in a line break, which HTTP forbids',
  },
  {
    source: 'container',
    pattern: /SyntaxError/,
    words: 'the credentials endpoint of the container sent something that is no credentials',
  },
  {
    source: 'container',
    pattern: /ECONNREFUSED|EHOSTUNREACH|TimeoutError|timed? ?out|ECONNRESET|socket hang up/i,
    words: 'the credentials endpoint of the container (ECS agent, EKS Pod Identity agent) does not answer',
  },
  {
    source: 'container',
    pattern: /\b40[013]\b|ExpiredToken|AccessDenied|Unauthorized|Forbidden/i,
    words: 'the credentials endpoint of the container refuses our authorization token or role',
  },
  {
    source: 'web_identity',
    pattern: /ENOENT|EACCES/,
    words: 'the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read',
  },
  {
    source: 'web_identity',
    pattern: /AccessDenied|InvalidIdentityToken|ExpiredToken|IDPCommunicationError|IDPRejectedClaim/,
    words:
      "STS refuses the web identity token; look at the role's trust policy and at the identity provider of the cluster",
  },
  {
    source: 'assume_role',
    pattern: /AccessDenied/,
    words:
      'STS does not let these credentials assume the role; look at its trust policy, the external id and sts:AssumeRole',
  },
  {
    source: 'any',
    pattern: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|TimeoutError|ECONNRESET/,
    words:
      'STS (or the SSO portal) cannot be reached; from a private network it needs an interface endpoint or a way out',
  },
  {
    source: 'any',
    pattern: /Throttling|TooManyRequests|RequestLimitExceeded/i,
    words: 'STS asks for fewer requests; it is asked again',
  },
  {
    source: 'any',
    pattern: /SSO session|sso login|Token is expired|refresh.*token|re-?authenticate/i,
    words: 'the SSO session has ended; run aws sso login',
  },
  {
    source: 'any',
    pattern: /Could not resolve credentials using profile/,
    words: 'the profile holds no credentials that can be used',
  },
];

const LONGEST_QUOTE = 200;

/** One sentence of cause and remedy, with the SDK's own message behind it, without what could be a token or a key. */
export function explainCredentialError(source: AskedSource, error: unknown): string {
  const said = describe(error);
  const found = EXPLANATIONS.find(
    (one) => (one.source === 'any' || one.source === source) && one.pattern.test(said),
  );
  const quoted = said.length > LONGEST_QUOTE ? `${said.slice(0, LONGEST_QUOTE)}…` : said;
  return found === undefined ? quoted : `${found.words} (${quoted})`;
}

/** What a credential process has written stands behind its command (Node's child_process.exec), and may be keys. */
function quoteMessage({ message }: Error): string {
  return hideSecrets(message.replace(/^(Command failed: [^\n]*)\n[^]*/, '$1'));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'an unnamed error';
  // Its message quotes the document, which holds the keys.
  if (error instanceof SyntaxError) return 'SyntaxError: the answer is not JSON';
  const { code, statusCode } = error as NodeJS.ErrnoException & { readonly statusCode?: number };
  const parts = [
    error.name,
    code,
    statusCode === undefined ? undefined : `statusCode: ${statusCode}`,
    quoteMessage(error),
  ];
  const own = parts.filter((part) => part !== undefined && part !== '' && part !== 'Error').join(' ');
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === undefined ? own : `${own}: ${describe(inner)}`;
}
