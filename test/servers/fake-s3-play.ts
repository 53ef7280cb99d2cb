import { type Bucket, answerRequest, findHeader } from '../../src/demo/answer-request.ts';
import { type HeaderLine, type S3Answer, answerError } from '../../src/demo/s3-answer.ts';
import type { ReceivedRequest } from '../../src/demo/verify-signature.ts';
import type { Fault, FaultPlace } from './fake-s3-faults.ts';
import { type WireStep, aftermathSteps, bodySteps, plainSteps, renderHead } from './fake-s3-steps.ts';

/** A request, and what it would be answered with. */
export interface Scene {
  readonly request: ReceivedRequest;
  readonly bucket: Bucket;
  readonly nowMs: number;
  readonly answer: S3Answer;
}

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

/** What an answer becomes. */
export function planSteps(scene: Scene, fault: Fault | undefined): WireStep[] {
  if (fault === undefined) return plainSteps(scene.answer);
  const play = PLAYS[fault.kind] as (fault: Fault, scene: Scene) => WireStep[] | S3Answer;
  const played = play(fault, scene);
  return Array.isArray(played) ? played : plainSteps(played);
}

/** Each gives another answer, or steps on the wire. */
const PLAYS: {
  readonly [Kind in Fault['kind']]: (fault: FaultOf<Kind>, scene: Scene) => WireStep[] | S3Answer;
} = {
  status: ({ status, code, headers = {}, details = {} }, { request, nowMs }) =>
    answerError(
      { status, code, message: `Injected ${code}.`, headers, details },
      { method: request.method, nowMs },
    ),
  redirect: (fault, { request, nowMs }) => answerRedirect(fault, request.method, nowMs),
  reset: ({ at }, { answer }) => [...splitAt(answer, at)[0], { act: 'reset' }],
  finish: ({ at }, { answer }) => [...splitAt(answer, at)[0], { act: 'finish' }],
  stall: ({ at, forMs }, { answer }) => {
    const [before, after] = splitAt(answer, at);
    return [...before, { act: 'stall', forMs }, ...after];
  },
  drip: ({ bytes, everyMs }, { answer }) =>
    plainSteps(answer).map((step) => (step.act === 'body' ? { ...step, pieceBytes: bytes, everyMs } : step)),
  'content-length': ({ delta, then = delta < 0 ? 'keep' : 'finish' }, { answer }) => {
    const length = String((answer.body?.size ?? 0) + delta);
    return [...plainSteps(withHeaders(answer, { 'Content-Length': length })), ...aftermathSteps(then)];
  },
  chunked: ({ damage }, { answer }) => playChunked(damage, answer),
  'until-close': (_, { answer }) => [...plainSteps(withoutFraming(answer)), { act: 'finish' }],
  'content-range': ({ value, shiftBytes }, scene) => {
    const answer = shiftBytes === undefined ? scene.answer : answerRange(scene, shiftBytes);
    return value === undefined ? answer : withHeaders(answer, { 'Content-Range': value });
  },
  'whole-for-range': (_, scene) => answerRange(scene, undefined),
  etag: ({ etag }, { answer }) => withHeaders(answer, { ETag: etag }),
  close: (_, { answer }) => withHeaders(answer, { Connection: 'close' }),
  garbage: () => [{ act: 'send', bytes: '\x00\xffthis is no HTTP\r\n\r\n\x16\x03\x01' }, { act: 'finish' }],
  interim: ({ status = 100 }, { answer }) => [
    { act: 'send', bytes: renderHead(status, status === 103 ? [['Link', '</a>; rel=preload']] : []) },
    ...plainSteps(answer),
  ],
  headers: ({ set = {}, add = [] }, { answer }) => {
    const changed = withHeaders(answer, set);
    return { ...changed, headers: [...changed.headers, ...add] };
  },
  'long-head': ({ bytes }, { answer }) =>
    withHeaders(answer, { 'x-amz-meta-long': 'x'.repeat(bytes - 'x-amz-meta-long: \r\n'.length) }),
  raw: ({ bytes, then }) => [{ act: 'send', bytes }, ...aftermathSteps(then)],
};

function answerRedirect(
  { status, location, region }: FaultOf<'redirect'>,
  method: string,
  nowMs: number,
): S3Answer {
  const headers = {
    ...(region === undefined ? {} : { 'x-amz-bucket-region': region }),
    ...(location === undefined ? {} : { Location: location }),
  };
  const code = status === 301 ? 'PermanentRedirect' : 'TemporaryRedirect';
  const details = { Endpoint: 'bucket.s3.elsewhere.example' };
  return answerError(
    { status, code, message: 'The bucket is elsewhere.', headers, details },
    { method, nowMs },
  );
}

/** The steps up to a place, and those from there on. */
function splitAt(answer: S3Answer, at: FaultPlace): [before: WireStep[], after: WireStep[]] {
  const head = renderHead(answer.status, answer.headers);
  const steps = bodySteps(answer);
  if (at === 'before-head') return [[], [{ act: 'send', bytes: head }, ...steps]];
  if (at === 'in-head') {
    const middle = Math.floor(head.length / 2);
    const rest: WireStep = { act: 'send', bytes: head.slice(middle) };
    return [[{ act: 'send', bytes: head.slice(0, middle) }], [rest, ...steps]];
  }
  const before: WireStep[] = [{ act: 'send', bytes: head }];
  const [body, ...rest] = steps;
  if (body?.act !== 'body') return [before, steps];
  const length = Math.min(at, body.length);
  const after: WireStep = { ...body, offset: body.offset + length, length: body.length - length };
  return [
    [...before, { ...body, length }],
    [after, ...rest],
  ];
}

function playChunked(damage: FaultOf<'chunked'>['damage'], answer: S3Answer): WireStep[] {
  const bare = withoutFraming(answer);
  const chunked: S3Answer = { ...bare, headers: [...bare.headers, ['Transfer-Encoding', 'chunked']] };
  const [head, body, end] = plainSteps(chunked);
  if (head === undefined || body === undefined || end === undefined || damage === 'none')
    return plainSteps(chunked);
  switch (damage) {
    case 'bad-size':
      return [head, { act: 'send', bytes: 'xyz\r\n' }, body, end];
    case 'no-end':
      return [head, body, { act: 'finish' }];
    case 'short-chunk':
      return [head, { act: 'send', bytes: 'ff\r\nshort\r\n' }, end];
  }
}

/** The object again: whole, or with its range moved. */
function answerRange({ request, bucket, nowMs }: Scene, shiftBytes: number | undefined): S3Answer {
  const range = findHeader(request.rawHeaders, 'range') ?? '';
  const moved = range.replace(/\d+/g, (digits) => String(Number(digits) + (shiftBytes ?? 0)));
  const rawHeaders = request.rawHeaders.flatMap((text, index, all) => {
    if (index % 2 === 1) return [];
    return text.toLowerCase() === 'range' ? [] : [text, all[index + 1] ?? ''];
  });
  if (shiftBytes !== undefined) rawHeaders.push('Range', moved);
  return answerRequest({ ...request, rawHeaders }, bucket, nowMs);
}

function withoutFraming(answer: S3Answer): S3Answer {
  return withHeaders(answer, { 'Content-Length': null, 'Transfer-Encoding': null });
}

/** Replaces headers in their place, adds those that are not there, and takes out those that are null. */
function withHeaders(answer: S3Answer, changes: Readonly<Record<string, string | null>>): S3Answer {
  const left = new Map(Object.entries(changes).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  const headers = answer.headers.flatMap((line): HeaderLine[] => {
    const change = left.get(line[0].toLowerCase());
    if (change === undefined) return [line];
    left.delete(line[0].toLowerCase());
    return change.value === null ? [] : [[line[0], change.value]];
  });
  const added = [...left.values()].flatMap(({ name, value }): HeaderLine[] =>
    value === null ? [] : [[name, value]],
  );
  return { ...answer, headers: [...headers, ...added] };
}
