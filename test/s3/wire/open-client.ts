import { onTestFinished } from 'vitest';
import type { Attempt, AttemptClient, AttemptRequest } from '../../../src/s3/attempt.ts';
import type { ClientOptions } from '../../../src/s3/client-options.ts';
import type { Endpoint } from '../../../src/s3/resolve-endpoint.ts';
import { createWireClient } from '../../../src/s3/wire/create-wire-client.ts';
import { withDeadline } from '../../support/with-deadline.ts';
import { type Outcome, OutcomeRecorder } from './outcome.ts';
import { type RawAnswer, type RawServer, type RawServerOptions, startRawServer } from './raw-server.ts';

/** A wire client that is closed when the test is over. */
export function openClient(endpoint: Endpoint, options: Partial<ClientOptions> = {}): AttemptClient {
  const client = createWireClient(endpoint, {
    connectTimeoutMs: 5000,
    firstByteTimeoutMs: 5000,
    bodyStallTimeoutMs: 5000,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A raw server that is closed when the test is over. */
export async function openServer(answer: RawAnswer, options?: RawServerOptions): Promise<RawServer> {
  const server = await startRawServer(answer, options);
  onTestFinished(() => server.close());
  return server;
}

/** One attempt and all that it tells. */
export class Exchange extends OutcomeRecorder {
  readonly attempt: Attempt;

  constructor(client: AttemptClient, request: Partial<AttemptRequest> = {}) {
    super();
    this.attempt = client.start({ method: 'GET', target: '/', headers: ['host', 'test'], ...request }, this);
  }

  /** Reads to the end. */
  finish(): Promise<Outcome> {
    this.whenHead = () => queueMicrotask(() => this.attempt.resume());
    this.attempt.resume();
    return this.settled();
  }

  settled(deadlineMs?: number): Promise<Outcome> {
    return withDeadline(this.outcome, 'the end of the attempt', deadlineMs);
  }
}

/** Sends one request and reads its answer to the end. */
export function get(client: AttemptClient, request: Partial<AttemptRequest> = {}): Promise<Outcome> {
  return new Exchange(client, request).finish();
}
