import type { AttemptClient } from './attempt.ts';
import type { ClientOptions } from './client-options.ts';
import type { Endpoint } from './resolve-endpoint.ts';

export type ClientName = 'wire' | 'undici';

/** Opens connections to one host, by the client of that name. */
export type CreateClient = (name: ClientName, endpoint: Endpoint, options: ClientOptions) => AttemptClient;

/** Loads the clients that are asked for: undici alone is a third of the time that a start takes. */
export async function loadClients(names: Iterable<ClientName>): Promise<CreateClient> {
  const clients = new Map<ClientName, (endpoint: Endpoint, options: ClientOptions) => AttemptClient>();
  for (const name of new Set(names)) {
    if (name === 'wire') clients.set(name, (await import('./wire/create-wire-client.ts')).createWireClient);
    else clients.set(name, (await import('./undici-client.ts')).createUndiciClient);
  }
  return (name, endpoint, options) => {
    const create = clients.get(name);
    if (create === undefined) throw new Error(`the client ${name} was not loaded`);
    return create(endpoint, options);
  };
}
