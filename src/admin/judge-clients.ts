import { ok, type Opinion, quiet, type Thresholds, warning, weigh } from './opinion.ts';
import type { Outcome } from './outcome.ts';
import { countOf, formatRate, listReasons, partOf } from './phrases.ts';
import type { Evidence } from './recent.ts';

interface Trouble {
  readonly outcome: Outcome;
  readonly thresholds: Thresholds;
  readonly describe: (part: string) => string;
}

const TROUBLES: readonly Trouble[] = [
  {
    outcome: 'refused',
    thresholds: { warning: 0.01, error: 0.5 },
    describe: (part) => `Clients send what is not served: ${part} were refused`,
  },
  {
    outcome: 's3_4xx',
    thresholds: { warning: 0.5, error: 0.95 },
    describe: (part) => `Clients ask for what S3 does not have: ${part} got 4xx`,
  },
  {
    // Players seek, and nginx closes what it no longer reads.
    outcome: 'left',
    thresholds: { warning: 0.2, error: 0.7 },
    describe: (part) => `Clients leave: ${part} were not waited for`,
  },
];

const BROKEN = { warning: 0.01, error: 0.5 };
/** Less than that may well be nothing for a minute. */
const LEAST_USUAL_RATE = 0.2;

/** Whether those who ask are the trouble. */
export function judgeClients(evidence: Evidence): Opinion {
  const { all, brokenRequests } = evidence.recent;
  if (all.requests === 0 && brokenRequests === 0) return judgeSilence(evidence);
  for (const { outcome, thresholds, describe } of TROUBLES) {
    const { [outcome]: count = 0 } = all.outcomes;
    const severity = weigh(count, all.requests, thresholds);
    if (severity === undefined) continue;
    return {
      severity,
      text: `${describe(partOf(count, all.requests))} (${listReasons(all, outcome)}).`,
    };
  }
  const severity = weigh(brokenRequests, brokenRequests + all.requests, BROKEN);
  if (severity !== undefined) {
    return { severity, text: `Clients send what is no HTTP: ${countOf(brokenRequests, 'time')}.` };
  }
  return describeServed(evidence);
}

function describeServed({ recent: { all } }: Evidence): Opinion {
  const { left = 0, s3_4xx: missing = 0, refused = 0 } = all.outcomes;
  const parts = [
    ...(left > 0 ? [`${left} left early`] : []),
    ...(missing > 0 ? [`${missing} asked for what S3 does not have`] : []),
    ...(refused > 0 ? [`${refused} were refused`] : []),
  ];
  return ok(
    parts.length === 0
      ? 'Clients are served: nobody left early, asked in vain or was refused.'
      : `Clients are served: of ${countOf(all.requests, 'request')}, ${parts.join(', ')}.`,
  );
}

function judgeSilence({ usual: { requestsPerSecond: usual } }: Evidence): Opinion {
  if (usual === undefined || usual < LEAST_USUAL_RATE)
    return quiet('Clients have asked for nothing in the last minute.');
  return warning(
    `Clients are silent: no request in the last minute; ${formatRate(usual)} a second are usual.`,
  );
}
