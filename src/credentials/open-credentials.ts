import type { CredentialSettings } from '../config/config.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import { SYSTEM_CLOCK } from './credential-clock.ts';
import { CredentialManager, type CredentialStatus } from './credential-manager.ts';
import { openProvider } from './open-provider.ts';
import { watchFiles } from './watch-files.ts';

export interface OpenCredentialsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly region: string | undefined;
  readonly logger: Logger;
  /** Tells S3's time, by which AWS's expiries are meant. */
  readonly clock: { nowMs(): number };
}

export interface OpenCredentials {
  readonly manager: CredentialManager;
  close(): void;
}

/** How long the first requests may wait for the first credentials. */
const FIRST_WAIT_MS = 5000;

/** Starts to fetch and to keep fresh the credentials that the settings name; answers without waiting for them. */
export function openCredentials(
  settings: CredentialSettings,
  options: OpenCredentialsOptions,
): OpenCredentials {
  const { logger } = options;
  const provider = openProvider(settings, options.environment, options.region);
  const manager = new CredentialManager({
    provider,
    clock: { ...SYSTEM_CLOCK, nowMs: () => options.clock.nowMs() },
    firstWaitMs: FIRST_WAIT_MS,
    events: {
      onRefreshed: (status) => logger.info(toFields(status), 'credentials refreshed'),
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
