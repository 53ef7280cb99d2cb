import type { LookupFunction } from 'node:net';
import type { Config, Route } from '../../config/config.ts';
import type { ConfigSources } from '../../config/read-config.ts';
import { groupCredentials } from '../../credentials/group-credentials.ts';
import type { DaemonParts } from '../../daemon/create-daemon.ts';
import { loadClients } from '../../s3/load-clients.ts';
import { resolveEndpoint } from '../../s3/resolve-endpoint.ts';
import { SigningClock } from '../../s3/signing-clock.ts';
import { createLogger } from '../../telemetry/create-logger.ts';
import { askDaemon, type DaemonProbe } from './ask-daemon.ts';
import type { DoctorSetup } from './doctor-setup.ts';
import { EndpointSubject } from './endpoint-subject.ts';
import { HiddenSecrets } from './hidden-secrets.ts';
import { IdentitySubject, nameCredentials } from './identity-subject.ts';
import { RouteSubject } from './route-subject.ts';

export interface DoctorOptions {
  /** As clients ask for it, not percent-encoded: below the path of a route. */
  readonly key?: string | undefined;
  readonly through?: URL | undefined;
  readonly lookup?: LookupFunction | undefined;
}

export interface OpenSetup extends DoctorSetup {
  close(): Promise<void>;
}

const PROBE_TIMEOUT_MS = 2000;
const SECRET_VARIABLES = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
] as const;

/** Makes what the checks look at, and asks nobody yet. @throws {RangeError} for a bucket that has no endpoint */
export async function openSetup(
  config: Config,
  environment: ConfigSources['environment'],
  { key, through, lookup }: DoctorOptions,
): Promise<OpenSetup> {
  const secrets = new HiddenSecrets();
  for (const variable of SECRET_VARIABLES) secrets.add(environment[variable]);
  secrets.add(config.newRelic?.license);
  const { identities, identityOf } = openIdentities(config, environment, secrets);
  const { endpoints, endpointOf } = openEndpoints(config, lookup);
  const clock = new SigningClock(() => undefined);
  const parts: DaemonParts = {
    ...{ config, clock, lookup },
    credentials: { forRoute: (route) => identityOf(route).toSource() },
    createClient: await loadClients(config.routes.map(({ s3 }) => s3.client)),
    logger: createLogger({ ...config.log, level: 'silent', destination: { write: () => undefined } }),
  };
  const keyed = key === undefined ? undefined : findKeyedRoute(config.routes, key);
  const routes = config.routes.map((route) => {
    const subjects = { endpoint: endpointOf(route), identity: identityOf(route) };
    return new RouteSubject(parts, {
      ...{ route, ...subjects },
      key: keyed?.route === route ? keyed.key : undefined,
    });
  });
  return {
    ...{ config, environment, through, lookup, routes, identities, endpoints, secrets, clock },
    lostKey: keyed === undefined ? key : undefined,
    whoListens: askOnce(config),
    close: async () => {
      await Promise.all(routes.map((route) => route.close()));
    },
  };
}

function openIdentities(
  config: Config,
  environment: ConfigSources['environment'],
  secrets: HiddenSecrets,
): {
  readonly identities: readonly IdentitySubject[];
  readonly identityOf: (route: Route) => IdentitySubject;
} {
  const { groups, indexOf } = groupCredentials(config);
  const names = groups.map(({ settings, region }) => nameCredentials(settings, region));
  const identities = groups.map((group, index) => {
    const earlier = names.slice(0, index).filter((name) => name === names[index]).length;
    const name = `${names[index] ?? ''}${earlier === 0 ? '' : ` (${earlier + 1})`}`;
    return new IdentitySubject(name, group, { environment, secrets });
  });
  return {
    identities,
    identityOf: (route) => {
      const identity = identities[indexOf(route)];
      if (identity === undefined) throw new Error(`the route ${route.path} has no credentials`);
      return identity;
    },
  };
}

function openEndpoints(
  config: Config,
  lookup: LookupFunction | undefined,
): {
  readonly endpoints: readonly EndpointSubject[];
  readonly endpointOf: (route: Route) => EndpointSubject;
} {
  const byName = new Map<string, EndpointSubject>();
  const endpointOf = ({ s3 }: Route): EndpointSubject => {
    const made = new EndpointSubject(resolveEndpoint(s3), s3, lookup);
    const endpoint = byName.get(made.name) ?? made;
    byName.set(endpoint.name, endpoint);
    return endpoint;
  };
  config.routes.forEach(endpointOf);
  return { endpoints: [...byName.values()], endpointOf };
}

function askOnce({ listen }: Config): (index: number) => Promise<DaemonProbe> {
  const probes = new Map<number, Promise<DaemonProbe>>();
  return (index) => {
    const address = listen[index];
    if (address === undefined) throw new RangeError(`there is no address ${index} of listen`);
    const probe = probes.get(index) ?? askDaemon(address, PROBE_TIMEOUT_MS);
    probes.set(index, probe);
    return probe;
  };
}

/** Where a client that asks for this key comes to, and which key is left of it. */
function findKeyedRoute(
  routes: readonly Route[],
  key: string,
): { readonly route: Route; readonly key: string } | undefined {
  const path = key.startsWith('/') ? key : `/${key}`;
  const route = routes.find((candidate) => path.startsWith(candidate.path));
  return route && { route, key: path.slice(route.path.length) };
}
