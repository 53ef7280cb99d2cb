import type { HeaderLine } from '../../src/demo/s3-answer.ts';

/** Where in an answer something happens; a number counts body bytes that are sent before. */
export type FaultPlace = 'before-head' | 'in-head' | number;

/** What follows on the connection: the next request, a FIN, a RST, or silence until the client leaves. */
export type Aftermath = 'keep' | 'finish' | 'reset' | 'stall';

/** A way in which S3, or what stands before it, can misbehave. Unless said otherwise the connection stays open. */
export type Fault =
  /** S3's error XML; `headers` such as `Retry-After`, `Connection: close`; `details` are further XML elements. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly details?: Readonly<Record<string, string>>;
    }
  /** An error XML with `<Endpoint>`; without `location` no Location header, as S3's 301 has none. */
  | {
      readonly kind: 'redirect';
      readonly status: 301 | 302 | 307;
      readonly location?: string;
      readonly region?: string;
    }
  /** RST. */
  | { readonly kind: 'reset'; readonly at: FaultPlace }
  /** FIN. */
  | { readonly kind: 'finish'; readonly at: FaultPlace }
  /** Silence until `forMs` have passed or `release()` is called; then the rest of the answer. */
  | { readonly kind: 'stall'; readonly at: FaultPlace; readonly forMs?: number }
  /** The body in pieces of `bytes`, `everyMs` apart. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** Content-Length wrong by `delta`, the body being sent whole. `finish` unless given, `keep` when negative. */
  | { readonly kind: 'content-length'; readonly delta: number; readonly then?: Aftermath }
  /** The object in chunks: rightly; with a size that is no number; FIN without the last chunk; a chunk too short. */
  | { readonly kind: 'chunked'; readonly damage: 'none' | 'bad-size' | 'no-end' | 'short-chunk' }
  /** Neither Content-Length nor chunks; FIN ends the body. */
  | { readonly kind: 'until-close' }
  /** `value` replaces Content-Range (null removes it); `shiftBytes` sends, and names, a range further on. */
  | { readonly kind: 'content-range'; readonly value?: string | null; readonly shiftBytes?: number }
  /** 200 and everything, whatever the range. */
  | { readonly kind: 'whole-for-range' }
  | { readonly kind: 'etag'; readonly etag: string }
  /** `Connection: close`, and FIN after the answer. */
  | { readonly kind: 'close' }
  /** Bytes that are no HTTP, then FIN. */
  | { readonly kind: 'garbage' }
  /** An interim answer first: 100 unless given. */
  | { readonly kind: 'interim'; readonly status?: 100 | 102 | 103 }
  /** `set` replaces headers (null removes one), `add` appends lines, repeated ones too. */
  | {
      readonly kind: 'headers';
      readonly set?: Readonly<Record<string, string | null>>;
      readonly add?: readonly HeaderLine[];
    }
  /** A head longer by this many bytes. */
  | { readonly kind: 'long-head'; readonly bytes: number }
  /** Exactly these bytes (a string is latin1) in place of an answer. */
  | { readonly kind: 'raw'; readonly bytes: string | Uint8Array; readonly then: Aftermath };

/** Which requests a fault is for. */
export interface FaultTarget {
  /** Decoded key; any request unless given. */
  readonly key?: string;
  /** The first of them to suffer, counted from the injection: 1, the next, unless given. */
  readonly nth?: number;
  /** How many suffer from then on: 1 unless given; `Infinity` for ever. */
  readonly times?: number;
}

/** The faults that wait for their requests. */
export class FaultPlan {
  #entries: { readonly fault: Fault; readonly key: string | undefined; skip: number; left: number }[] = [];

  add(fault: Fault, { key, nth = 1, times = 1 }: FaultTarget): void {
    this.#entries.push({ fault, key, skip: nth - 1, left: times });
  }

  clear(): void {
    this.#entries = [];
  }

  /** The fault of this request: the first injected whose turn it is. Those injected later do not count the request. */
  take(key: string | undefined): Fault | undefined {
    for (const entry of this.#entries) {
      if (entry.key !== undefined && entry.key !== key) continue;
      entry.skip -= 1;
      if (entry.skip >= 0) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#entries = this.#entries.filter((other) => other !== entry);
      return entry.fault;
    }
    return undefined;
  }
}
