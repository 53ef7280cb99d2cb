import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/read-config.ts';
import type { CredentialLease, CredentialPool } from '../credentials/credential-pool.ts';
import type { IssuedCredentials } from '../credentials/issued-credentials.ts';
import type { PassedSockets } from '../daemon/listen-points.ts';
import type { SigningClock } from '../s3/signing-clock.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { WorkerCounts } from '../telemetry/owner-metrics.ts';
import type { SnapshotParts } from '../telemetry/take-snapshot.ts';

/** What both ways to serve are made of. */
export interface ServingParts {
  readonly config: Config;
  readonly credentials: CredentialLease;
  readonly pool: CredentialPool;
  readonly logger: Logger;
  readonly clock: SigningClock;
  readonly environment: ConfigSources['environment'];
  readonly passed: PassedSockets;
}

/** What serves: this process, or several behind it. */
export interface Serving {
  /** Of what is counted; undefined where nobody reads it. */
  readonly collect: SnapshotParts['collect'] | undefined;
  /** For the line that says where it listens. */
  readonly logFields: object;
  /** Undefined for this process alone. */
  countWorkers(): WorkerCounts | undefined;
  /** New keys of a source. */
  tellCredentials(key: string, issued: IssuedCredentials): void;
  /** @returns the addresses @throws {ListenError} */
  start(): Promise<readonly string[]>;
  /**
   * Serves with another configuration from now on; its credentials are released when they are not needed any more.
   * @returns the addresses
   * @throws where that cannot be; then nothing has changed
   */
  reload(config: Config, credentials: CredentialLease): Promise<readonly string[]>;
  /** @returns what to log of it */
  drain(deadlineMs: number): Promise<object>;
  /** Ends what is beside this process, at once. */
  kill(): void;
}
