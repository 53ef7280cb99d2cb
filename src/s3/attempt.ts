/** One signed request, ready for the wire. */
export interface AttemptRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query, byte for byte as signed. */
  readonly target: string;
  /** Flat names and values, Host included. */
  readonly headers: readonly string[];
}

export interface ResponseHead {
  /** Never 1xx. */
  readonly statusCode: number;
  /** Flat names and values as S3 sent them, latin1. */
  readonly headers: readonly string[];
}

/**
 * What one attempt tells, in this order: `onHead` at most once, any number of `onData`, then exactly one of `onEnd` and
 * `onError`. Nothing is told after `abort`, and nothing of the body before the first `resume`.
 */
export interface AttemptEvents {
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): void;
  /** The body came whole, by its own framing. */
  onEnd(): void;
  /** @param error - classified by its `code`. */
  onError(error: Error): void;
}

/** One exchange on the wire. It is paused when the head has come. */
export interface Attempt {
  pause(): void;
  resume(): void;
  /** Ends the exchange and frees its connection at once, before the head or in the body. Harmless when it is over. */
  abort(): void;
}

/** Connections to one S3 host. Two implementations stand behind it, so that each can check the other. */
export interface AttemptClient {
  start(request: AttemptRequest, events: AttemptEvents): Attempt;
  /** Closes every connection, whatever is on it. */
  close(): Promise<void>;
}
