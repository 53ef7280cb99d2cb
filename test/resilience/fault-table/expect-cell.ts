import { expect } from 'vitest';
import { findSecrets } from '../../support/open-scene.ts';
import type { Cell } from './cells.ts';
import type { Cause, ClientView, Expectation } from './expectation.ts';
import type { Played } from './play-cell.ts';
import type { Question } from './question.ts';
import { S3_CLIENT } from '../../support/s3-client.ts';

/** undici looks at its body time-outs twice a second only. */
const LONGEST_MS = S3_CLIENT === 'wire' ? 8000 : 15_000;

/** Holds what a cell has come to against what it must: the client's view, S3's view, the report. */
export function expectCell({ row, question, frequency }: Cell, played: Played): void {
  const expectation = row.expect(question, frequency);
  expectClient(question, expectation.client, played);
  expectReport(expectation, played);
  expectRequests(question, expectation, played);
  expectSignatures(row.place === 'lenient', played);
  expect(findSecrets(JSON.stringify([played.reports, played.logLines]))).toEqual([]);
  expect(played.elapsedMs).toBeLessThan(LONGEST_MS);
}

function expectClient(question: Question, client: ClientView, { answer, bytes }: Played): void {
  const { status, body, isComplete, headers } = answer;
  if (client.is === 'error or cut' && status === question.status) {
    expect(isComplete).toBe(false);
    expect(body.equals(bytes.subarray(question.first, question.first + body.length))).toBe(true);
    return;
  }
  if (client.is === 'error' || client.is === 'error or cut') {
    expect([status, isComplete]).toEqual([client.status, true]);
    const code = /<Code>(.*)<\/Code>/.exec(answer.text)?.[1];
    expect(code).toBe(question.method === 'HEAD' ? undefined : client.code);
    expect([headers['location'], headers['x-amz-bucket-region']]).toEqual([undefined, undefined]);
    return;
  }
  if (client.is === 'head') {
    expect([status, isComplete, headers['content-length']]).toEqual([200, true, client.length]);
    return;
  }
  expect(status).toBe(client.status);
  const first = client.is === 'whole' ? client.first : question.first;
  const isSpoilt = client.is === 'cut' && client.isSpoilt === true;
  expect(isSpoilt || body.equals(bytes.subarray(first, first + body.length))).toBe(true);
  if (client.is === 'cut') {
    expect(isComplete).toBe(false);
    expect(body.length).toBeGreaterThanOrEqual(client.atLeast);
  } else if (client.is === 'whole or cut') {
    expect(isComplete ? body.length : client.length).toBe(client.length);
  } else {
    expectWhole(question, client, { answer, objectBytes: bytes.length });
  }
}

function expectWhole(
  { method }: Question,
  { status, first, length }: Extract<ClientView, { is: 'whole' }>,
  { answer, objectBytes }: { readonly answer: Played['answer']; readonly objectBytes: number },
): void {
  const { headers } = answer;
  expect([answer.isComplete, answer.body.length]).toEqual([true, method === 'HEAD' ? 0 : length]);
  // Where S3 has given a length in one way or the other, the client is told.
  expect([String(length), undefined]).toContain(headers['content-length']);
  const contentRange = `bytes ${first}-${first + length - 1}/${objectBytes}`;
  expect(headers['content-range']).toBe(status === 206 ? contentRange : undefined);
}

function expectReport(expectation: Expectation, { reports, answer }: Played): void {
  expect(reports).toHaveLength(1);
  const report = reports[0]!;
  const { requests, resumedAt, causes, failure } = expectation;
  expect(requests).toContain(report.attempts);
  expect(failure).toContain(report.failure);
  expect([report.status, report.hedges]).toEqual([answer.status, 0]);
  if (answer.isComplete) expect(report.bytes).toBe(answer.body.length);
  if (resumedAt !== undefined) expect(report.resumes).toBe(resumedAt.length);
  if (causes === undefined) return;
  expect(report.causes).toHaveLength(causes.length);
  report.causes.forEach((cause, index) => expect(toNames(causes[index]!)).toContain(cause));
}

function toNames(cause: Cause): readonly string[] {
  return typeof cause === 'string' ? [cause] : cause;
}

/** Each question as it must be: first the client's, then, at each resume, for exactly what is missing. */
function expectRequests(question: Question, expectation: Expectation, { seen, etag }: Played): void {
  const { resumedAt, isNeverSeen = false } = expectation;
  if (isNeverSeen) {
    expect(seen).toEqual([]);
    return;
  }
  expect(expectation.requests).toContain(seen.length);
  expect(seen.map(({ method }) => method)).toEqual(seen.map(() => question.method));
  if (resumedAt === undefined) return;
  const last = question.first + (expectation.promised ?? question.length) - 1;
  const rests = resumedAt.map((at) => [`bytes=${question.first + at}-${last}`, etag, undefined]);
  const asked = [
    question.headers['Range'],
    question.headers['If-Match'] === undefined ? undefined : etag,
    question.headers['If-None-Match'],
  ];
  const questions = [asked, ...rests];
  // What is asked again after that is the last of them.
  while (questions.length < seen.length) questions.push(questions.at(-1)!);
  const sent = seen.map(({ header }) => [header('range'), header('if-match'), header('if-none-match')]);
  expect(sent).toEqual(questions);
}

function expectSignatures(isLenient: boolean, { seen }: Played): void {
  // Before the region was learned the first was signed for another.
  const verdicts = seen.slice(isLenient ? 1 : 0).map(({ verdict }) => verdict.ok);
  expect(verdicts).toEqual(verdicts.map(() => true));
  // undici cannot be asked for a connection that was not used before.
  if (isLenient || S3_CLIENT === 'undici') return;
  const connections = seen.map(({ connectionId }) => connectionId);
  expect(connections).toEqual([...new Set(connections)]);
}
