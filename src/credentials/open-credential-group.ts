import type { Logger } from '../telemetry/create-logger.ts';
import { SYSTEM_CLOCK } from './credential-clock.ts';
import { CredentialManager, type CredentialStatus } from './credential-manager.ts';
import { FIRST_WAIT_MS } from './credential-snapshot.ts';
import type { CredentialGroup } from './group-credentials.ts';
import type { IssuedCredentials } from './issued-credentials.ts';
import { openProvider } from './open-provider.ts';
import { watchFiles } from './watch-files.ts';

export interface OpenGroupOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Tells S3's time, by which AWS's expiries are meant. */
  readonly clock: { nowMs(): number };
  /** Told of new credentials. @param key - of the group */
  readonly onRefreshed?: (key: string, issued: IssuedCredentials) => void;
}

/** A source of credentials that is kept fresh. */
export interface OpenGroup {
  readonly manager: CredentialManager;
  /** Resolves when the source was asked once, well or not. */
  readonly firstFetch: Promise<void>;
  readonly close: () => void;
}

/** Starts to fetch the credentials of one source, and to keep them fresh; waits for none. */
export function openCredentialGroup(
  { key, settings, region }: CredentialGroup,
  { environment, logger, clock, onRefreshed }: OpenGroupOptions,
): OpenGroup {
  const provider = openProvider(settings, environment, region);
  const manager = new CredentialManager({
    provider,
    clock: { ...SYSTEM_CLOCK, nowMs: () => clock.nowMs() },
    firstWaitMs: FIRST_WAIT_MS,
    events: {
      onRefreshed: (status, issued) => {
        logger.info(toFields(status), 'credentials refreshed');
        onRefreshed?.(key, issued);
      },
      onFailed: (status) => {
        if (status.isDegraded) logger.error(toFields(status), describeDegraded(status));
        else logger.warn(toFields(status), 'credentials could not be refreshed; those in use are still good');
      },
    },
  });
  const firstFetch = manager.start();
  const stopWatching = watchFiles(provider.watchedFiles, (file) => {
    logger.info({ file }, 'a credential file has changed');
    void manager.refresh();
  });
  return {
    manager,
    firstFetch,
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
