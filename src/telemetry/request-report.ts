import type { FailureName } from '../failures.ts';

/** Everything that is remembered of one request; filled in stage by stage, written exactly once. */
export interface RequestReport {
  readonly requestId: string;
  /** Of `performance.now()`. */
  readonly startedAtMs: number;
  method: string | undefined;
  /** The key as the client sent it, canonically percent-encoded. */
  key: string | undefined;
  /** The path of the route's configuration. */
  route: string | undefined;
  bucket: string | undefined;
  range: string | undefined;
  /** What the client got, or 499 where it left before. */
  status: number;
  /** Of the body, handed to the client's socket. */
  bytes: number;
  /** From the request to S3's head. */
  firstByteMs: number | undefined;
  /** Requests sent to S3, hedges and resumes included. */
  attempts: number;
  hedges: number;
  hedgesWon: number;
  resumes: number;
  /** Why there was more than one attempt, in order. */
  readonly causes: string[];
  s3Status: number | undefined;
  s3RequestId: string | undefined;
  s3HostId: string | undefined;
  s3ErrorCode: string | undefined;
  /** Every error that S3 answered with, in order: its code, or its status where it sent none. */
  s3Errors: string[] | undefined;
  failure: FailureName | undefined;
  /** For the log of failures: the code and message of what lay behind it. */
  cause: string | undefined;
}

/** Where reports go when a request is over. */
export interface ReportSink {
  write(report: RequestReport, totalMs: number): void;
}

const INSTANCE_ID = Math.floor(Math.random() * 0xffff_ffff)
  .toString(16)
  .padStart(8, '0');
let requestCount = 0;

/** An empty report with a request id that is unique across restarts, for logs and for the client's error body. */
export function startReport(method: string | undefined): RequestReport {
  requestCount += 1;
  return {
    requestId: `${INSTANCE_ID}-${requestCount.toString(36)}`,
    startedAtMs: performance.now(),
    method,
    key: undefined,
    route: undefined,
    bucket: undefined,
    range: undefined,
    status: 0,
    bytes: 0,
    firstByteMs: undefined,
    attempts: 0,
    hedges: 0,
    hedgesWon: 0,
    resumes: 0,
    causes: [],
    s3Status: undefined,
    s3RequestId: undefined,
    s3HostId: undefined,
    s3ErrorCode: undefined,
    s3Errors: undefined,
    failure: undefined,
    cause: undefined,
  };
}
