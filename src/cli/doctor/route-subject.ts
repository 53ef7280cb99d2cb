import type { IncomingMessage } from 'node:http';
import type { Route } from '../../config/config.ts';
import type { DaemonParts } from '../../daemon/create-daemon.ts';
import { createRoutes, type Routes } from '../../daemon/create-routes.ts';
import { admit } from '../../request/admit.ts';
import { route, type RouteEntry } from '../../request/route.ts';
import type { Upstream } from '../../s3/upstream.ts';
import { askUpstream, type UpstreamAnswer } from './ask-upstream.ts';
import type { Need } from './doctor-check.ts';
import type { EndpointSubject } from './endpoint-subject.ts';
import type { IdentitySubject } from './identity-subject.ts';
import { encodeKey } from './key-spellings.ts';

/** A key that nobody has, so that S3 says what it says of missing keys. */
const MISSING_KEY = 's3-helper-doctor-asks-for-a-key-that-is-not-there';

/** One route, asked as the daemon asks: its own admission, routing, signer and client. */
export class RouteSubject {
  /** Its path. */
  readonly name: string;
  readonly route: Route;
  readonly endpoint: EndpointSubject;
  readonly identity: IdentitySubject;
  /** Of `--key`, if it leads here: as it stands in the bucket, below the prefix. */
  readonly key: string | undefined;
  readonly #parts: DaemonParts;
  #routes: Routes | undefined;
  #missing: Promise<UpstreamAnswer> | undefined;
  #present: Promise<UpstreamAnswer> | undefined;

  constructor(
    parts: DaemonParts,
    { route, endpoint, identity, key }: Pick<RouteSubject, 'route' | 'endpoint' | 'identity' | 'key'>,
  ) {
    this.name = route.path;
    this.route = route;
    this.endpoint = endpoint;
    this.identity = identity;
    this.key = key;
    this.#parts = { ...parts, config: { ...parts.config, routes: [route] } };
  }

  /** What must be well before this bucket can be asked. */
  get asked(): readonly Need[] {
    return [...this.endpoint.reached, { check: 'credentials', subject: this.identity.name }];
  }

  get upstream(): Upstream {
    return this.#entry.upstream;
  }

  /** Asks for the first byte of an object. @throws {ProxyFailure} where that is no request, or brings no answer */
  async ask(key: string, signal: AbortSignal): Promise<UpstreamAnswer> {
    const target = route(admitPath(this.route.path + encodeKey(key)), [this.#entry]);
    const credentials = await this.identity.issued();
    const question = { method: 'GET', path: target.wirePath, range: 'bytes=0-0' } as const;
    return askUpstream(this.upstream, question, { credentials, signal });
  }

  /** Asks once, in whatever number of checks that is wanted; so do the next two. */
  askForMissing(signal: AbortSignal): Promise<UpstreamAnswer> {
    this.#missing ??= this.ask(MISSING_KEY, signal);
    return this.#missing;
  }

  /** Asks for `key`. */
  askForKey(signal: AbortSignal): Promise<UpstreamAnswer> {
    this.#present ??= this.ask(this.key ?? MISSING_KEY, signal);
    return this.#present;
  }

  /** HeadBucket, which the daemon itself never asks. @throws {ProxyFailure} where there is no answer */
  async headBucket(signal: AbortSignal): Promise<UpstreamAnswer> {
    const credentials = await this.identity.issued();
    const question = { method: 'HEAD', path: this.endpoint.endpoint.basePath } as const;
    return askUpstream(this.upstream, question, { credentials, signal });
  }

  async close(): Promise<void> {
    await this.#routes?.close();
  }

  /** Made when it is first wanted: a certificate that cannot be read is another check's finding. */
  get #entry(): RouteEntry<Upstream> {
    this.#routes ??= createRoutes(this.#parts);
    const [entry] = this.#routes.entries;
    if (entry === undefined) throw new Error(`the route ${this.name} has no entry`);
    return entry;
  }
}

function admitPath(url: string): ReturnType<typeof admit> {
  const request = { method: 'GET', url, rawHeaders: ['Host', 'localhost'], httpVersion: '1.1' };
  const rules = { isPeerAllowed: () => true, isHostAllowed: () => true };
  return admit(request as unknown as IncomingMessage, rules);
}
