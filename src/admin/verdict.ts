import { judgeClients } from './judge-clients.ts';
import { judgeCredentials } from './judge-credentials.ts';
import { judgeDaemon } from './judge-daemon.ts';
import { judgeS3 } from './judge-s3.ts';
import type { Opinion, Severity } from './opinion.ts';
import { formatDuration, formatRate } from './phrases.ts';
import { findPercentilesMs } from './quantile.ts';
import type { Evidence } from './recent.ts';

/** Who may be the trouble, in the order in which trouble explains trouble: without credentials S3 refuses, and clients leave. */
export const PARTIES = ['daemon', 'credentials', 's3', 'clients'] as const;

export type Party = (typeof PARTIES)[number];

/** Who is the trouble, in one sentence, and what is to be said of each. */
export interface Verdict {
  readonly severity: Severity;
  /** Undefined where nobody is. */
  readonly party: Party | undefined;
  readonly headline: string;
  readonly parties: Readonly<Record<Party, Opinion>>;
}

const WORST_FIRST: readonly Severity[] = ['error', 'warning'];

export function findVerdict(evidence: Evidence): Verdict {
  const parties = {
    daemon: judgeDaemon(evidence),
    credentials: judgeCredentials(evidence),
    s3: judgeS3(evidence),
    clients: judgeClients(evidence),
  };
  for (const severity of WORST_FIRST) {
    const party = PARTIES.find((one) => parties[one].severity === severity);
    if (party !== undefined) return { severity, party, headline: parties[party].text, parties };
  }
  return { severity: 'ok', party: undefined, headline: describeGood(evidence), parties };
}

function describeGood({ recent: { all, seconds } }: Evidence): string {
  if (all.requests === 0) return 'All is well, and idle: no request in the last minute.';
  const { p99 } = findPercentilesMs(all.firstByte);
  const speed = p99 === undefined ? '' : `, 99 of 100 first bytes within ${formatDuration(p99)}`;
  return `All is well: ${formatRate(all.requests / seconds)} requests a second${speed}.`;
}
