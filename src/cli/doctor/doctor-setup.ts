import type { LookupFunction } from 'node:net';
import type { Config } from '../../config/config.ts';
import type { ConfigSources } from '../../config/read-config.ts';
import type { SigningClock } from '../../s3/signing-clock.ts';
import type { DaemonProbe } from './ask-daemon.ts';
import type { EndpointSubject } from './endpoint-subject.ts';
import type { HiddenSecrets } from './hidden-secrets.ts';
import type { IdentitySubject } from './identity-subject.ts';
import type { RouteSubject } from './route-subject.ts';

/** What the checks look at: the daemon's own parts, made of the configuration, without a daemon. */
export interface DoctorSetup {
  readonly config: Config;
  readonly environment: ConfigSources['environment'];
  /** A given key that no route leads to. */
  readonly lostKey: string | undefined;
  /** An address of nginx in front of the daemon, which leads to an object. */
  readonly through: URL | undefined;
  /** Hosts that are asked, each once. */
  readonly endpoints: readonly EndpointSubject[];
  /** Sources of credentials. */
  readonly identities: readonly IdentitySubject[];
  readonly routes: readonly RouteSubject[];
  /** Puts itself right where S3's clock is known to differ, as the daemon's does. */
  readonly clock: SigningClock;
  readonly secrets: HiddenSecrets;
  /** Resolves host names in place of the system. */
  readonly lookup: LookupFunction | undefined;
  /** Who listens at an address of the configuration; asked once each. */
  readonly whoListens: (index: number) => Promise<DaemonProbe>;
}
