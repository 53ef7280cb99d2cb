/** An IAM policy document, as far as ours go. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What the daemon's requests are to S3 (Service Authorization Reference, Amazon S3), each on what it may be granted. */
const NEEDED: Readonly<Record<string, RegExp>> = {
  's3:GetObject': /^arn:aws:s3:::[a-z0-9][a-z0-9.-]+\/(?:[^*?]+\/)?\*$/,
  's3:GetObjectVersion': /^arn:aws:s3:::[a-z0-9][a-z0-9.-]+\/(?:[^*?]+\/)?\*$/,
  's3:ListBucket': /^arn:aws:s3:::[a-z0-9][a-z0-9.-]+$/,
};
const ROLE_TAKING = new Set(['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity', 'sts:TagSession']);
/** EC2 gives a role only to instances whose profile holds it; the others serve many accounts. */
const NEEDS_NO_CONDITION = new Set(['ec2.amazonaws.com']);

/** Every part of a role's permissions that reading does not need; none where it has the least privilege. */
export function findExcess({ Statement: statements }: Policy): string[] {
  return statements.flatMap((statement) => {
    const actions = listOf(statement.Action);
    const wrongActions = actions.filter((action) => !(action in NEEDED)).map((action) => `Action ${action}`);
    const wrongResources = listOf(statement.Resource)
      .filter((resource) => !actions.every((action) => NEEDED[action]?.test(resource) ?? false))
      .map((resource) => `Resource ${resource}`);
    const missing = statement.Resource === undefined ? ['no Resource'] : [];
    return [...wrongActions, ...wrongResources, ...missing, ...findNegations(statement)];
  });
}

/** Every part of a role's trust that lets in more than one kind of holder of this account. */
export function findTrustExcess({ Statement: statements }: Policy): string[] {
  return statements.flatMap((statement) => {
    const { Principal: principal, Condition: condition = {} } = statement;
    const wrongActions = listOf(statement.Action)
      .filter((action) => !ROLE_TAKING.has(action))
      .map((action) => `Action ${action}`);
    const principals = typeof principal === 'object' ? Object.values(principal).flatMap(listOf) : [];
    const isOne = principals.length === 1 && !principals.some((one) => one.includes('*'));
    const bounds = Object.entries(condition).flatMap(([operator, tests]) =>
      Object.values(tests).map((value) => ({ operator, value })),
    );
    // A star is right only behind the account in an ARN.
    const isBound =
      bounds.length > 0 &&
      bounds.every(({ operator, value }) =>
        operator === 'ArnLike' ? /^arn:aws:\w+:[a-z0-9-]+:\d{12}:\*$/.test(value) : !value.includes('*'),
      );
    const needsBounds = !principals.every((one) => NEEDS_NO_CONDITION.has(one)) || !isOne;
    return [
      ...wrongActions,
      ...(isOne ? [] : ['Principal']),
      ...(isBound || !needsBounds ? [] : ['Condition']),
      ...findNegations(statement),
    ];
  });
}

/** "All but" grows with every service that AWS adds. */
function findNegations(statement: Statement): string[] {
  return Object.keys(statement).filter((key) => key.startsWith('Not'));
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
