import type { Fault } from '../servers/fake-s3-faults.ts';
import type { SoakObject } from './soak-objects.ts';

/** New keys come after three quarters of it. */
export const CREDENTIAL_LIFE_MS = 20_000;

/** What the process with S3 and the instance metadata says once it listens. */
export interface UpstreamReady {
  readonly type: 'ready';
  /** `http://127.0.0.1:PORT` */
  readonly s3: string;
  readonly imds: string;
  readonly bucket: string;
  readonly region: string;
}

/** Asks for something to be done before a request is sent; answered with the same number. */
export interface Staging {
  readonly type: 'stage';
  readonly id: number;
  readonly put: SoakObject;
  /** Befalls so many requests for the object. */
  readonly fault: Fault;
  readonly times: number;
}

/** Such an object is not asked for again. */
export interface Removal {
  readonly type: 'remove';
  readonly key: string;
}

export interface CountsQuestion {
  readonly type: 'count';
  readonly id: number;
}

export interface UpstreamCounts {
  readonly requests: number;
  /** With a signature that S3 does not take. */
  readonly refused: number;
  readonly faults: number;
  /** Of the keys that the daemon has signed with. */
  readonly rotations: number;
}

export type ToUpstream = Staging | Removal | CountsQuestion;
export type FromUpstream =
  UpstreamReady | { readonly type: 'done'; readonly id: number; readonly counts: UpstreamCounts };
