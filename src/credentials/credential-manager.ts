import type { Credentials } from '../s3/sign/request-signer.ts';
import type { CredentialClock } from './credential-clock.ts';
import type { CredentialListener, CredentialSource } from './credential-source.ts';
import { CredentialSnapshot } from './credential-snapshot.ts';
import { type CredentialProvider, type IssuedCredentials, maskKeyId } from './issued-credentials.ts';
import { delayAfterFailureMs, delayAfterNewMs, delayAfterSameMs } from './refresh-schedule.ts';

/** What the operator sees of the credentials; holds no secret. */
export interface CredentialStatus {
  readonly source: string;
  /** `…` and the last four characters of the key id; undefined where there are none yet. */
  readonly keyId: string | undefined;
  readonly expiresAtMs: number | undefined;
  /** Past their expiry, or never fetched. They are used all the same. */
  readonly isDegraded: boolean;
  readonly refreshes: number;
  readonly failures: number;
  readonly lastRefreshAtMs: number | undefined;
  /** Why the last fetch failed, until one succeeds. */
  readonly lastError: string | undefined;
}

/** Told of what happens, for log and metrics. */
export interface CredentialEvents {
  /** The credentials are others than before. */
  onRefreshed(status: CredentialStatus, issued: IssuedCredentials): void;
  /** Once a failure; `status.isDegraded` says whether it hurts already. */
  onFailed(status: CredentialStatus): void;
}

export interface CredentialManagerOptions {
  readonly provider: CredentialProvider;
  readonly clock: CredentialClock;
  readonly events: CredentialEvents;
  /** How long a request waits for the first credentials ever. */
  readonly firstWaitMs: number;
}

/** Refused keys cause one fetch in this time at the most, so that a broken role causes no storm. */
const LEAST_FORCED_GAP_MS = 5000;
/** Both clocks are looked at this often, so that a jump or a sleep delays a refresh by no more. */
const LONGEST_TIMER_MS = 30_000;

/**
 * Keeps credentials valid at every moment: fetched ahead of their expiry on one timer, one fetch at a time, and never
 * given up. A failed fetch leaves the old ones in place, past their expiry too, as AWS extends them in its outages
 * ("static stability": smithy-lang/smithy-rs #2117, aws/aws-sdk-js-v3 #3402).
 */
export class CredentialManager implements CredentialSource {
  readonly #options: CredentialManagerOptions;
  readonly #snapshot: CredentialSnapshot;
  #fetching: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #due: { readonly wallMs: number; readonly monotonicMs: number } | undefined;
  #refreshes = 0;
  #failuresInARow = 0;
  #failures = 0;
  #lastRefreshAtMs: number | undefined;
  #lastForcedAtMs = -Infinity;
  #lastError: string | undefined;
  #isStopped = false;

  constructor(options: CredentialManagerOptions) {
    this.#options = options;
    this.#snapshot = new CredentialSnapshot(options.clock, options.firstWaitMs);
  }

  /** Fetches for the first time and keeps refreshing. @returns when the first fetch is over, well or not; never rejects */
  start(): Promise<void> {
    return this.refresh();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  current(): IssuedCredentials | undefined {
    return this.#snapshot.current;
  }

  waitForFirst(): Promise<Credentials | undefined> {
    return this.#snapshot.waitForFirst();
  }

  async replaceRefused(refused: Credentials): Promise<Credentials> {
    if (this.#snapshot.current === refused) await this.refreshForced();
    return this.#snapshot.betterThan(refused);
  }

  onNew(listener: CredentialListener): () => void {
    return this.#snapshot.onNew(listener);
  }

  mayBeExpired(): boolean {
    return this.#snapshot.mayBeExpired();
  }

  /** Asks the source now, unless it was asked by force a moment ago; joins a fetch that is under way. */
  refreshForced(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#fetching !== undefined) return this.#fetching;
    if (nowMs - this.#lastForcedAtMs < LEAST_FORCED_GAP_MS) return Promise.resolve();
    this.#lastForcedAtMs = nowMs;
    return this.refresh();
  }

  /** Asks the source now, or joins the fetch that is under way. Never rejects. */
  refresh(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  status(): CredentialStatus {
    const { provider, clock } = this.#options;
    const { current } = this.#snapshot;
    const expiresAtMs = current?.expiresAtMs;
    return {
      source: provider.source,
      keyId: current && maskKeyId(current.accessKeyId),
      expiresAtMs,
      isDegraded: current === undefined || (expiresAtMs !== undefined && expiresAtMs <= clock.nowMs()),
      refreshes: this.#refreshes,
      failures: this.#failures,
      lastRefreshAtMs: this.#lastRefreshAtMs,
      lastError: this.#lastError,
    };
  }

  async #fetch(): Promise<void> {
    const { provider, events, clock } = this.#options;
    try {
      const issued = await provider.fetch();
      const isSame = !this.#snapshot.set(issued);
      this.#refreshes += 1;
      this.#failuresInARow = 0;
      this.#lastError = undefined;
      this.#lastRefreshAtMs = clock.nowMs();
      if (!isSame) events.onRefreshed(this.status(), issued);
      this.#scheduleAfter(issued, isSame);
    } catch (error) {
      this.#failures += 1;
      this.#failuresInARow += 1;
      this.#lastError = error instanceof Error ? error.message : String(error);
      events.onFailed(this.status());
      this.#scheduleIn(delayAfterFailureMs(this.#failuresInARow, clock.chance()));
    }
  }

  #scheduleAfter({ expiresAtMs }: IssuedCredentials, isSame: boolean): void {
    const { clock } = this.#options;
    this.#due = undefined;
    // Keys without an end are fetched again when their file changes, on SIGHUP, or when S3 refuses them.
    if (expiresAtMs === undefined) return;
    const delayOf = isSame ? delayAfterSameMs : delayAfterNewMs;
    this.#scheduleIn(delayOf(clock.nowMs(), expiresAtMs, clock.chance()));
  }

  #scheduleIn(delayMs: number): void {
    const { clock } = this.#options;
    this.#due = { wallMs: clock.nowMs() + delayMs, monotonicMs: clock.monotonicMs() + delayMs };
    this.#arm();
  }

  /** Due is what either clock says: the wall clock runs on while the machine sleeps, the other one never jumps back. */
  #arm(): void {
    const { clock } = this.#options;
    this.#cancelTimer?.();
    if (this.#due === undefined || this.#isStopped) return;
    const leftMs = Math.min(this.#due.wallMs - clock.nowMs(), this.#due.monotonicMs - clock.monotonicMs());
    this.#cancelTimer = clock.setTimer(
      () => {
        if (leftMs <= LONGEST_TIMER_MS) void this.refresh();
        else this.#arm();
      },
      Math.max(0, Math.min(leftMs, LONGEST_TIMER_MS)),
    );
  }
}
