import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { SYSTEM_CLOCK } from './credential-clock.ts';
import { CredentialManager, type CredentialStatus } from './credential-manager.ts';
import { FIRST_WAIT_MS } from './credential-snapshot.ts';
import { type CredentialGroup, groupCredentials } from './group-credentials.ts';
import type { IssuedCredentials } from './issued-credentials.ts';
import { openProvider } from './open-provider.ts';
import { watchFiles } from './watch-files.ts';

export interface OpenCredentialsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Tells S3's time, by which AWS's expiries are meant. */
  readonly clock: { nowMs(): number };
  /** Told of new credentials. @param source - index into the groups of the configuration */
  readonly onRefreshed?: (source: number, issued: IssuedCredentials) => void;
}

/** The managers of all sources of a configuration. */
export interface OpenCredentials {
  /** In the order of `groupCredentials`. */
  readonly managers: readonly CredentialManager[];
  /** Asks every source now. */
  readonly refresh: () => void;
  readonly close: () => void;
}

/** Starts to fetch the credentials that the configuration names, and to keep them fresh; waits for none of them. */
export function openCredentials(config: Config, options: OpenCredentialsOptions): OpenCredentials {
  const opened = groupCredentials(config).groups.map((group, source) => openGroup(group, source, options));
  return {
    managers: opened.map(({ manager }) => manager),
    refresh: () => opened.forEach(({ manager }) => void manager.refresh()),
    close: () => opened.forEach(({ close }) => close()),
  };
}

function openGroup(
  { settings, region }: CredentialGroup,
  source: number,
  { environment, logger, clock, onRefreshed }: OpenCredentialsOptions,
): { readonly manager: CredentialManager; readonly close: () => void } {
  const provider = openProvider(settings, environment, region);
  const manager = new CredentialManager({
    provider,
    clock: { ...SYSTEM_CLOCK, nowMs: () => clock.nowMs() },
    firstWaitMs: FIRST_WAIT_MS,
    events: {
      onRefreshed: (status, issued) => {
        logger.info(toFields(status), 'credentials refreshed');
        onRefreshed?.(source, issued);
      },
      onFailed: (status) => {
        if (status.isDegraded) logger.error(toFields(status), describeDegraded(status));
        else logger.warn(toFields(status), 'credentials could not be refreshed; those in use are still good');
      },
    },
  });
  void manager.start();
  const stopWatching = watchFiles(provider.watchedFiles, (file) => {
    logger.info({ file }, 'a credential file has changed');
    void manager.refresh();
  });
  return {
    manager,
    close: () => {
      stopWatching();
      manager.stop();
    },
  };
}

function describeDegraded(status: CredentialStatus): string {
  return status.keyId === undefined
    ? 'there are no credentials yet; requests are answered with 503'
    : 'the credentials are past their expiry and could not be refreshed; they are used all the same';
}

function toFields(status: CredentialStatus): object {
  return {
    credential_source: status.source,
    key_id: status.keyId,
    expires_at: status.expiresAtMs === undefined ? undefined : new Date(status.expiresAtMs).toISOString(),
    cause: status.lastError,
  };
}
