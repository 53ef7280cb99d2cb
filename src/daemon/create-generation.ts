import type { Config, ListenAddress } from '../config/config.ts';
import { createHostRule } from '../request/host-rule.ts';
import type { ConnectionCounts } from '../s3/attempt.ts';
import { createAccessLog } from '../telemetry/access-log.ts';
import { joinSinks } from '../telemetry/join-sinks.ts';
import type { DaemonParts } from './create-daemon.ts';
import { createRoutes } from './create-routes.ts';
import { createPeerRule } from './peer-rule.ts';
import type { ProxyStages } from './proxy-request.ts';
import type { RequestSlots } from './request-slots.ts';
import { RequestsInFlight } from './requests-in-flight.ts';

/** All that one configuration serves with. A request that has begun on it ends on it. */
export interface Generation {
  readonly config: Config;
  readonly inFlight: RequestsInFlight;
  stagesFor(address: ListenAddress['kind']): ProxyStages;
  /** To S3. */
  countConnections(): ConnectionCounts;
  /** For one that no more requests come to: waits for the last, and closes its connections to S3. Once, however often. */
  retire(): Promise<void>;
}

/** Puts the stages of one configuration together. @throws where a file that it names cannot be read any more */
export function createGeneration(parts: DaemonParts, slots: RequestSlots): Generation {
  const { config, logger } = parts;
  const routes = createRoutes(parts);
  const inFlight = new RequestsInFlight();
  const isHostAllowed = createHostRule(config.allowedHosts);
  const reports =
    parts.reports ?? joinSinks([createAccessLog(logger, config.log), ...(parts.otherSinks ?? [])]);
  const createStages = (isPeerAllowed: ProxyStages['rules']['isPeerAllowed']): ProxyStages => ({
    rules: { isPeerAllowed, isHostAllowed },
    routes: routes.entries,
    ...{ reports, inFlight, slots },
    clientStallTimeoutMs: config.timeouts.clientStallMs,
  });
  // A unix socket has no peer address; its file mode says who may connect.
  const ofUnix = createStages(() => true);
  const ofTcp = config.allowRemote ? ofUnix : createStages(createPeerRule());
  let retired: Promise<void> | undefined;
  return {
    config,
    inFlight,
    stagesFor: (kind) => (kind === 'unix' ? ofUnix : ofTcp),
    countConnections: () => routes.countConnections(),
    retire: () => (retired ??= inFlight.whenEmpty().then(() => routes.close())),
  };
}
