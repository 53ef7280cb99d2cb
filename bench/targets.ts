import type { Protocol } from './upstream-server.ts';

/** CPU of a request as a ratio to unsigned nginx with default buffers: what the program shall not exceed. */
export const RATIO_TARGETS: Readonly<Record<Protocol, Readonly<Record<string, number>>>> = {
  http: { '1 KB': 3.0, '64 KB': 1.6, '256 KB range': 1.1, '1 MB range': 1.1, '8 MB': 1.1 },
  https: { '1 KB': 3.2, '64 KB': 1.3, '256 KB range': 1.25, '1 MB range': 1.3, '8 MB': 1.3 },
};

export const SIGNING_TARGET_US = 8;
export const ADDED_LATENCY_TARGET_US = 200;
export const START_UP_TARGET_MS = 300;
export const IDLE_TARGET_BYTES = 90e6;
export const STREAMING_TARGET_BYTES = 200e6;

/**
 * Ratios above which `--quick` fails: twice what the program has (docs/performance.md), so that a doubled cost fails and
 * a shared machine's noise does not. To be lowered whenever the program gets faster.
 */
export const GUARD_LIMITS: Readonly<Record<Protocol, Readonly<Record<string, number>>>> = {
  http: { '1 KB': 7, '256 KB range': 1.7 },
  https: { '1 KB': 8, '256 KB range': 2.2 },
};
