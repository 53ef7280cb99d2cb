import type { Config, CredentialSettings, Route } from '../config/config.ts';
import type { Logger } from '../telemetry/create-logger.ts';
import type { CredentialSource } from './credential-source.ts';
import { SYSTEM_CLOCK } from './credential-clock.ts';
import { CredentialManager, type CredentialStatus } from './credential-manager.ts';
import { openProvider } from './open-provider.ts';
import { watchFiles } from './watch-files.ts';

export interface OpenCredentialsOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Tells S3's time, by which AWS's expiries are meant. */
  readonly clock: { nowMs(): number };
}

/** The credentials of every route, kept fresh; routes with the same settings share one manager. */
export interface RouteCredentials {
  forRoute(route: Route): CredentialSource;
  /** Asks every source now. */
  refresh(): void;
  close(): void;
}

/** How long the first requests may wait for the first credentials. */
const FIRST_WAIT_MS = 5000;

/** Starts to fetch the credentials that the configuration names, and to keep them fresh; waits for none of them. */
export function openRouteCredentials(config: Config, options: OpenCredentialsOptions): RouteCredentials {
  const opened = new Map<string, OpenedCredentials>();
  const openOnce = ({ credentials: settings = config.credentials, s3 }: Route): OpenedCredentials => {
    // STS is asked in the region of the bucket, so a role in two regions is two sources.
    const key = JSON.stringify([settings, settings.roleArn === undefined ? undefined : s3.region]);
    const credentials = opened.get(key) ?? openCredentials(settings, s3.region, options);
    opened.set(key, credentials);
    return credentials;
  };
  config.routes.forEach(openOnce);
  return {
    forRoute: (route) => openOnce(route).manager,
    refresh: () => {
      for (const { manager } of opened.values()) void manager.refresh();
    },
    close: () => {
      for (const credentials of opened.values()) credentials.close();
    },
  };
}

interface OpenedCredentials {
  readonly manager: CredentialManager;
  close(): void;
}

function openCredentials(
  settings: CredentialSettings,
  region: string,
  { environment, logger, clock }: OpenCredentialsOptions,
): OpenedCredentials {
  const provider = openProvider(settings, environment, region);
  const manager = new CredentialManager({
    provider,
    clock: { ...SYSTEM_CLOCK, nowMs: () => clock.nowMs() },
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
