import type { Config, ListenAddress } from '../config/config.ts';
import { createHttpServer } from '../daemon/create-http-server.ts';
import { openListener, removeStaleSocket } from '../daemon/open-listener.ts';
import { createHostRule } from '../request/host-rule.ts';
import type { TelemetrySnapshot } from '../telemetry/telemetry-snapshot.ts';
import { createAnswers } from './admin-answers.ts';
import { type AdminRules, answerAdminRequest } from './answer-admin-request.ts';
import { TelemetryWatch } from './telemetry-watch.ts';

export interface AdminOptions {
  /** Read anew for each request. */
  readonly config: Config;
  readonly listen: ListenAddress;
  /** Of this program. */
  readonly version: string;
  readonly snapshot: () => Promise<TelemetrySnapshot>;
  /** @param accept - the reader's Accept header, which says in which form it wants the metrics */
  readonly metricsText: (
    accept: string | undefined,
  ) => Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface Admin {
  /** As clients write it, with the real port. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Starts the listener for the operator: health checks, metrics and the status page. It answers GET and HEAD, under the
 * same rules for Host and peer as the data port, and shows no secret.
 * @throws {ListenError} where the address cannot be used
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { config, listen } = options;
  const watch = new TelemetryWatch(options.snapshot);
  const answers = createAnswers({
    ...{ version: options.version, metricsText: options.metricsText, watch },
    get config() {
      return options.config;
    },
  });
  const findRules = createRuleFinder(options);
  const server = createHttpServer({
    clientHeaderTimeoutMs: config.timeouts.clientHeaderMs,
    keepAliveTimeoutMs: config.timeouts.keepAliveMs,
    serve: (request, response) => void answerAdminRequest(request, response, { answers, rules: findRules() }),
    reportBroken: () => undefined,
  });
  await removeStaleSocket(listen);
  const address = await openListener(server, listen, config.socketMode);
  watch.start();
  return {
    address,
    close: () => {
      watch.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

/** Another configuration may let others in. */
function createRuleFinder(options: AdminOptions): () => AdminRules {
  let made: { readonly of: Config; readonly rules: AdminRules } | undefined;
  return () => {
    const { config, listen } = options;
    if (made?.of !== config) {
      const isHostAllowed = createHostRule(config.allowedHosts);
      const isAnyPeerAllowed = config.allowRemote || listen.kind === 'unix';
      made = { of: config, rules: { isHostAllowed, isAnyPeerAllowed } };
    }
    return made.rules;
  };
}
