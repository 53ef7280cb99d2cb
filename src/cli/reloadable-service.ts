import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { keepUntilRestart } from '../config/keep-until-restart.ts';
import type { ConfigSources } from '../config/read-config.ts';
import type { CredentialLease, CredentialPool } from '../credentials/credential-pool.ts';
import { discoverRegion } from '../credentials/discover-region.ts';
import type { PassedSockets } from '../daemon/listen-points.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { ReloadCounts } from '../telemetry/owner-metrics.ts';
import { type FoundConfig, readConfigAndRegion } from './read-config-and-region.ts';
import { type ReloadOutcome, Reloads, type ReloadState } from './reloads.ts';
import { openRunFile, type RunFile } from './open-run-file.ts';
import type { Serving } from './serving.ts';
import { findUnwantedSockets } from './systemd/read-passed-sockets.ts';
import type { ServiceManager } from './systemd/service-manager.ts';

export interface ReloadableServiceParts {
  readonly found: FoundConfig;
  readonly sources: ConfigSources;
  readonly logger: Logger;
  readonly passed: PassedSockets;
  readonly pool: CredentialPool;
  readonly manager: ServiceManager;
}

/** The configuration in force, and how another one gets there; tells everybody who has to know. */
export class ReloadableService {
  readonly #parts: ReloadableServiceParts;
  readonly #reloads: Reloads;
  #found: FoundConfig;
  #serving: Serving | undefined;
  #listen: readonly string[] = [];
  #runFile: RunFile | undefined;
  #isClosed = false;
  credentials: CredentialLease;

  constructor(parts: ReloadableServiceParts) {
    this.#parts = parts;
    this.#found = parts.found;
    this.credentials = parts.pool.lease(parts.found.config);
    this.#reloads = new Reloads({
      reload: () => this.#reload(),
      onBegin: (state) => this.#noteBegin(state),
      onEnd: (state, outcome) => this.#noteEnd(state, outcome),
    });
  }

  get config(): Config {
    return this.#found.config;
  }

  get reloads(): ReloadCounts {
    return this.#reloads.state;
  }

  /** Says that it serves, and reloads from now on. */
  open(serving: Serving, listen: readonly string[]): void {
    const { sources, logger, manager } = this.#parts;
    this.#serving = serving;
    this.#listen = listen;
    this.#runFile = openRunFile(sources, logger);
    manager.ready(`Serving on ${listen.join(', ')}`);
    this.#reloads.open();
  }

  requestReload(): void {
    this.#reloads.request();
  }

  /** No reload begins any more. */
  close(): void {
    this.#isClosed = true;
    this.#reloads.close();
    this.#runFile?.remove();
  }

  /** Never rejects. */
  async #reload(): Promise<ReloadOutcome> {
    const { logger } = this.#parts;
    try {
      const warnings = await this.#apply();
      for (const warning of warnings) logger.warn({}, warning);
      return { isApplied: true, reasons: [], warnings };
    } catch (error) {
      const reasons = error instanceof ConfigError ? error.mistakes : [toSentence(error)];
      return { isApplied: false, reasons, warnings: [] };
    }
  }

  /** @returns what to know @throws where the old configuration stays in force */
  async #apply(): Promise<readonly string[]> {
    const { sources, passed, pool, logger } = this.#parts;
    const before = this.#found;
    const found = await readConfigAndRegion(
      sources,
      // The instance stays where it is, also when its metadata does not answer just then.
      async (profile) => (await discoverRegion({ profile, asksInstance: true })) ?? before.discovered,
    );
    const { config, waiting } = keepUntilRestart(before.config, found.config);
    const mistakes = findUnwantedSockets(passed, config.listen);
    if (mistakes.length > 0) throw new ConfigError(mistakes);
    const lease = pool.lease(config);
    try {
      const empty = await lease.findEmpty();
      if (empty.length > 0) throw new ConfigError(empty.map(describeEmpty));
      if (this.#serving === undefined) throw new Error('the daemon has not started');
      this.#listen = await this.#serving.reload(config, lease);
    } catch (error) {
      lease.release();
      throw error;
    }
    this.#found = { ...found, config };
    this.credentials = lease;
    logger.setLevel(config.log.level);
    return [...config.warnings, ...waiting.map((key) => `${key} has changed; that takes a restart`)];
  }

  #noteBegin(state: ReloadState): void {
    this.#parts.manager.reloading();
    this.#runFile?.write(state, undefined);
  }

  #noteEnd(state: ReloadState, outcome: ReloadOutcome): void {
    const { logger, manager } = this.#parts;
    const { isApplied, reasons } = outcome;
    const where = `Serving on ${this.#listen.join(', ')}`;
    if (isApplied) logger.info({ listen: this.#listen }, 'the configuration was reloaded');
    else logger.error({ reasons }, 'the configuration was not reloaded; the old one stays in force');
    // One that ends after the daemon has begun to end has nobody to tell.
    if (this.#isClosed) return;
    manager.ready(isApplied ? where : `${where}; the last reload failed: ${reasons.join('; ')}`);
    this.#runFile?.write(state, outcome);
  }
}

function describeEmpty({
  source,
  lastError = 'no answer',
}: {
  readonly source: string;
  readonly lastError: string | undefined;
}): string {
  return `the credentials from ${source} could not be fetched: ${lastError}`;
}

function toSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
