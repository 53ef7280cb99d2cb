import { findHeader } from '../../src/demo/answer-request.ts';
import type { ReceivedRequest, Verdict } from '../../src/demo/verify-signature.ts';
import type { FakeConnection } from './fake-s3-connection.ts';
import type { Fault } from './fake-s3-faults.ts';
import type { StepObserver } from './fake-s3-steps.ts';

/** A request that came, and what became of it; `bodyBytesSent` and `state` change while it is served. */
export interface SeenRequest extends ReceivedRequest, StepObserver {
  /** Decoded; undefined where the target cannot be decoded, empty for the bucket and the service. */
  readonly key: string | undefined;
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly verdict: Verdict;
  /** Counts from 1 in the order of accepting. */
  readonly connectionId: number;
  /** Asked for in the TLS handshake. */
  readonly servername: string | undefined;
  /** `performance.now()` when its signature had been checked. */
  readonly atMs: number;
  /** What was injected. */
  readonly fault: Fault['kind'] | undefined;
  /** Of the answer before any fault. */
  readonly status: number;
}

export interface Circumstances {
  readonly key: string | undefined;
  readonly verdict: Verdict;
  readonly connection: FakeConnection;
  readonly fault: Fault | undefined;
  readonly status: number;
}

/** Takes a request down before it is answered. */
export function see(request: ReceivedRequest, circumstances: Circumstances): SeenRequest {
  const { key, verdict, connection, fault, status } = circumstances;
  return {
    ...request,
    key,
    header: (name) => findHeader(request.rawHeaders, name),
    verdict,
    connectionId: connection.id,
    servername: connection.servername,
    atMs: performance.now(),
    fault: fault?.kind,
    status,
    bodyBytesSent: 0,
    state: 'answering',
  };
}
