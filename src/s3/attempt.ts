/** One signed request, ready for the wire. */
export interface AttemptRequest {
  readonly method: 'GET' | 'HEAD';
  /** Path and query, byte for byte as signed. */
  readonly target: string;
  /** Flat names and values, Host included. */
  readonly headers: readonly string[];
  /** `fresh`: not on a connection that was used before; `any` unless given. A wish, which not every client can grant. */
  readonly connection?: 'any' | 'fresh' | undefined;
  /** Until the response's head; undefined for the client's own limit. */
  readonly firstByteTimeoutMs?: number | undefined;
  /** IP address of an attempt that failed or is slow: with `fresh`, another is taken where there is one. */
  readonly awayFrom?: string | undefined;
}

export interface ResponseHead {
  /** Never 1xx. */
  readonly statusCode: number;
  /** Flat names and values as S3 sent them, latin1. */
  readonly headers: readonly string[];
}

/**
 * What one attempt tells, in this order: `onHead` at most once, any number of `onData`, then exactly one of `onEnd` and
 * `onError`. Nothing is told after `abort`, and no `onData` before the first `resume`; the end may come without it where
 * there is no body.
 */
export interface AttemptEvents {
  /** The request is sent once more, before the head: S3 had closed the kept connection that it was first sent on. */
  onSentAgain?(): void;
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): void;
  /** The body came whole, by its own framing. */
  onEnd(): void;
  /** @param error - classified by its `code`. */
  onError(error: Error): void;
}

/** One exchange on the wire. It is paused when the head has come. */
export interface Attempt {
  /** IP address it went to, where the client knows; stays when the attempt is over. */
  readonly address?: string | undefined;
  pause(): void;
  resume(): void;
  /**
   * Says that every chunk told so far has been used up, so that the client may read into its memory again; it pays
   * inside `onData`. Chunks stay valid where it is not said, and with a client that lacks this.
   */
  freeChunks?(): void;
  /** Ends the exchange and frees its connection at once, before the head or in the body. Harmless when it is over. */
  abort(): void;
}

/** How many connections there are. */
export interface ConnectionCounts {
  /** Established, with those that are busy. */
  readonly open: number;
  readonly busy: number;
  /** Attempts that wait for one. */
  readonly waiting: number;
}

/** Connections to one S3 host. Two implementations stand behind it, so that each can check the other. */
export interface AttemptClient {
  start(request: AttemptRequest, events: AttemptEvents): Attempt;
  /** Of this moment. */
  countConnections(): ConnectionCounts;
  /** Closes every connection, whatever is on it. */
  close(): Promise<void>;
}
