import { describe, expect, test } from 'vitest';
import { classifyOutcome, OUTCOMES } from '../../src/admin/outcome.ts';
import { type Evidence, findRecent } from '../../src/admin/recent.ts';
import { takeSample } from '../../src/admin/sample.ts';
import { findVerdict, type Verdict } from '../../src/admin/verdict.ts';
import { FAILURES } from '../../src/failures.ts';
import { MetricsFeed } from './metrics-feed.ts';

const NOTHING_USUAL: Evidence['usual'] = { requestsPerSecond: undefined, firstByteP95Ms: undefined };
const FULL_HOUR_MS = 3_600_000;

/** The verdict over a minute in which that happened, after an hour of good requests. */
async function judge(happen: (feed: MetricsFeed) => void, usual = NOTHING_USUAL): Promise<Verdict> {
  const feed = new MetricsFeed();
  feed.feed(5000);
  const before = takeSample(await feed.snapshot());
  feed.nowMs += 60_000;
  happen(feed);
  const snapshot = await feed.snapshot();
  const sample = takeSample(snapshot);
  return findVerdict({ snapshot, sample, recent: findRecent(sample, before), usual });
}

test('good requests are good', async () => {
  const verdict = await judge((feed) => feed.feed(600));
  expect(verdict).toMatchObject({
    severity: 'ok',
    party: undefined,
    headline: 'All is well: 10 requests a second, 99 of 100 first bytes within 25 ms.',
  });
  expect(Object.values(verdict.parties).map(({ severity }) => severity)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('nothing is quiet, and still well', async () => {
  const { severity, headline, parties } = await judge(() => undefined);
  expect([severity, parties.s3.severity, parties.clients.severity]).toEqual(['ok', 'quiet', 'quiet']);
  expect(headline).toBe('All is well, and idle: no request in the last minute.');
});

interface Trouble {
  readonly what: string;
  readonly happen: (feed: MetricsFeed) => void;
  readonly party: string;
  readonly severity: 'warning' | 'error';
  readonly says: readonly string[];
  readonly detail?: string;
}

const TROUBLES: readonly Trouble[] = [
  {
    what: 'S3 throttles',
    happen: (feed) => {
      feed.feed(200);
      feed.feed(40, {
        status: 503,
        s3ErrorCode: 'SlowDown',
        attempts: 3,
        causes: ['503 SlowDown', '503 SlowDown'],
      });
      feed.feed(10, { status: 504, failure: 's3_first_byte_timeout' });
    },
    party: 's3',
    severity: 'error',
    says: ['S3 fails: 50 of 250 requests', 'SlowDown 40, s3_first_byte_timeout 10'],
  },
  {
    what: 'one in a hundred fails at S3',
    happen: (feed) => {
      feed.feed(990);
      feed.feed(10, { status: 502, failure: 's3_reset' });
    },
    party: 's3',
    severity: 'warning',
    says: ['10 of 1,000 requests', 's3_reset 10'],
  },
  {
    what: 'retries hide what S3 does',
    happen: (feed) => {
      feed.feed(270);
      feed.feed(30, { attempts: 2, causes: ['s3_reset'] });
    },
    party: 's3',
    severity: 'warning',
    says: ['clients do not notice', '30 retries for 300 requests (s3_reset 30)'],
  },
  {
    what: 'bodies break and are taken up again',
    happen: (feed) => {
      feed.feed(90);
      feed.feed(10, { attempts: 2, causes: ['body_cut'], resumes: 1 });
    },
    party: 's3',
    severity: 'warning',
    says: ['resumed 10'],
  },
  {
    what: 'there are no credentials',
    happen: (feed) => {
      feed.credentials = [
        feed.createCredentials({ keyId: undefined, isDegraded: true, lastError: 'the role is gone' }),
      ];
      feed.feed(30, { status: 503, failure: 'credentials_unavailable', attempts: 0, firstByteMs: undefined });
    },
    party: 'credentials',
    severity: 'error',
    says: ['There are no credentials: requests get 503.'],
    detail: 'instance metadata (IMDSv2): the role is gone',
  },
  {
    what: 'S3 refuses the keys',
    happen: (feed) => {
      feed.feed(10);
      feed.feed(90, { status: 400, s3ErrorCode: 'ExpiredToken' });
    },
    party: 'credentials',
    severity: 'error',
    says: ['S3 refuses our credentials: 90 of 100 requests', 'ExpiredToken 90'],
  },
  {
    what: 'the role may not read',
    happen: (feed) => feed.feed(50, { status: 403, s3ErrorCode: 'AccessDenied' }),
    party: 'credentials',
    severity: 'error',
    says: ['S3 denies us access: 50 of 50 requests (AccessDenied 50)'],
    detail: 'Our role needs s3:GetObject, and s3:ListBucket so that S3 says 404 of what is missing.',
  },
  {
    what: 'the credentials are past their expiry and S3 takes them',
    happen: (feed) => {
      feed.credentials = [
        feed.createCredentials({
          isDegraded: true,
          expiresAtMs: feed.nowMs - 12 * 60_000,
          lastError: 'no answer from 169.254.169.254',
        }),
      ];
      feed.feed(100);
    },
    party: 'credentials',
    severity: 'warning',
    says: ['The credentials ended 12 min ago and could not be refreshed; S3 still takes them.'],
    detail: 'instance metadata (IMDSv2): no answer from 169.254.169.254',
  },
  {
    what: 'a refresh fails ahead of the expiry',
    happen: (feed) => {
      feed.credentials = [
        feed.createCredentials({
          expiresAtMs: feed.nowMs + 2 * FULL_HOUR_MS,
          lastError: 'instance metadata (IMDSv2): HTTP 500',
        }),
      ];
      feed.feed(100);
    },
    party: 'credentials',
    severity: 'warning',
    says: ['The credentials could not be refreshed, 2 h 0 min before they end.'],
    detail: 'instance metadata (IMDSv2): HTTP 500',
  },
  {
    what: 'clients ask for what is not there',
    happen: (feed) => {
      feed.feed(30);
      feed.feed(70, { status: 404, s3ErrorCode: 'NoSuchKey' });
    },
    party: 'clients',
    severity: 'warning',
    says: ['Clients ask for what S3 does not have: 70 of 100 requests', 'NoSuchKey 70'],
  },
  {
    what: 'a proxy in front sends the wrong Host',
    happen: (feed) =>
      feed.feed(80, { status: 421, failure: 'host_not_allowed', attempts: 0, route: undefined }),
    party: 'clients',
    severity: 'error',
    says: ['Clients send what is not served: 80 of 80 requests', 'host_not_allowed 80'],
  },
  {
    what: 'clients do not wait',
    happen: (feed) => {
      feed.feed(60);
      feed.feed(40, { status: 499, failure: 'client_gone' });
    },
    party: 'clients',
    severity: 'warning',
    says: ['Clients leave: 40 of 100 requests', 'client_gone 40'],
  },
  {
    what: 'clients speak TLS to it',
    happen: (feed) => feed.feedBroken(20, 'malformed_request'),
    party: 'clients',
    severity: 'error',
    says: ['Clients send what is no HTTP: 20 times'],
  },
  {
    what: 'more comes than may',
    happen: (feed) => {
      feed.feed(100);
      feed.feed(25, { status: 503, failure: 'overloaded', attempts: 0 });
    },
    party: 'daemon',
    severity: 'error',
    says: ['The daemon is over its limit: 25 of 125 requests', 'limits.max_requests'],
  },
  {
    what: 'the daemon itself fails',
    happen: (feed) => feed.feed(1, { status: 500, failure: 'internal' }),
    party: 'daemon',
    severity: 'error',
    says: ['The daemon has a fault: 1 of 1 request failed'],
  },
  {
    what: 'a process uses all of its CPU',
    happen: (feed) => {
      feed.feed(100);
      feed.workers = feed.workers?.map((worker) => ({ ...worker, cpuSeconds: worker.cpuSeconds + 58 }));
    },
    party: 'daemon',
    severity: 'warning',
    says: ['The daemon is short of CPU: 1 of 1 process'],
  },
  {
    what: 'it drains',
    happen: (feed) => {
      feed.isDraining = true;
      feed.isListening = false;
      feed.serving = { ...feed.serving, requestsInFlight: 3 };
    },
    party: 'daemon',
    severity: 'warning',
    says: ['The daemon is stopping: 3 requests still in flight'],
  },
  {
    what: 'it does not listen',
    happen: (feed) => (feed.isListening = false),
    party: 'daemon',
    severity: 'error',
    says: ['The daemon does not listen'],
  },
  {
    what: 'no process serves',
    happen: (feed) => (feed.workers = []),
    party: 'daemon',
    severity: 'error',
    says: ['No process serves'],
  },
  {
    what: 'the clock is wrong',
    happen: (feed) => {
      feed.clockOffsetMs = -30 * 60_000;
      feed.feed(10);
    },
    party: 'daemon',
    severity: 'warning',
    says: ["This machine's clock is 30 min off"],
  },
  {
    what: 'the signers disagree',
    happen: (feed) => {
      feed.noteSignerMismatch();
      feed.feed(10);
    },
    party: 'daemon',
    severity: 'warning',
    says: ['The fast signer disagrees'],
  },
];

describe('The verdict where', () => {
  test.each(TROUBLES)('$what names $party: $severity', async ({ happen, party, severity, says, detail }) => {
    const verdict = await judge(happen);
    expect({ party: verdict.party, severity: verdict.severity, headline: verdict.headline }).toEqual({
      party,
      severity,
      headline: verdict.parties[verdict.party!].text,
    });
    for (const words of says) expect(verdict.headline).toContain(words);
    expect(verdict.parties[verdict.party!].detail).toBe(detail);
  });

  test('S3 is three times as slow as usual names it', async () => {
    const usual = { requestsPerSecond: 10, firstByteP95Ms: 80 };
    const slow = await judge((feed) => feed.feed(100, { firstByteMs: 2400 }), usual);
    expect([slow.party, slow.severity]).toEqual(['s3', 'warning']);
    expect(slow.headline).toContain('S3 is slow: 95 of 100 first bytes came within 2.4 s; 80 ms is usual.');
    const quick = await judge((feed) => feed.feed(100, { firstByteMs: 200 }), usual);
    expect(quick.severity).toBe('ok');
    const few = await judge((feed) => feed.feed(5, { firstByteMs: 2400 }), usual);
    expect(few.severity).toBe('ok');
  });

  test('clients fall silent names them', async () => {
    const { party, severity, headline } = await judge(() => undefined, {
      ...NOTHING_USUAL,
      requestsPerSecond: 230,
    });
    expect([party, severity]).toEqual(['clients', 'warning']);
    expect(headline).toBe('Clients are silent: no request in the last minute; 230 a second are usual.');
  });

  test('credentials make S3 refuse and clients leave names the credentials', async () => {
    const verdict = await judge((feed) => {
      feed.feed(60, { status: 403, s3ErrorCode: 'InvalidAccessKeyId' });
      feed.feed(40, { status: 499, failure: 'client_gone' });
    });
    expect([verdict.party, verdict.severity]).toEqual(['credentials', 'error']);
  });

  test('two requests go wrong of very few does not cry trouble', async () => {
    const verdict = await judge((feed) => feed.feed(2, { status: 502, failure: 's3_reset' }));
    expect([verdict.party, verdict.severity]).toEqual(['s3', 'warning']);
  });
});

describe('How a request ended', () => {
  test.each(Object.entries(FAILURES))(
    'with %s is one of the outcomes, and never good',
    (failure, { level }) => {
      const outcome = classifyOutcome({ failure, s3ErrorCode: '', statusClass: '2xx' });
      expect(OUTCOMES).toContain(outcome);
      expect(outcome).not.toBe('ok');
      // The table of failures and that of outcomes agree on who it was.
      if (level === 'info') expect(['refused', 'left']).toContain(outcome);
      if (level === 'error') expect(['s3', 'credentials', 'daemon']).toContain(outcome);
    },
  );

  test.each([
    ['', '2xx', 'ok'],
    ['', '3xx', 'ok'],
    ['NoSuchKey', '4xx', 's3_4xx'],
    ['', '4xx', 's3_4xx'],
    ['', '5xx', 's3'],
    ['InternalError', '5xx', 's3'],
    ['SlowDown', '5xx', 's3'],
    ['RequestTimeout', '4xx', 's3'],
    ['AccessDenied', '4xx', 'denied'],
    ['ExpiredToken', '4xx', 'credentials'],
  ])('with S3\'s "%s" of %s is %s', (s3ErrorCode, statusClass, outcome) => {
    expect(classifyOutcome({ failure: '', s3ErrorCode, statusClass })).toBe(outcome);
  });
});
