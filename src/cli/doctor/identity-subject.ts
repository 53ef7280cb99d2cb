import type { CredentialSettings } from '../../config/config.ts';
import type { CredentialSource } from '../../credentials/credential-source.ts';
import type { CredentialGroup } from '../../credentials/group-credentials.ts';
import type { CredentialProvider, IssuedCredentials } from '../../credentials/issued-credentials.ts';
import { openProvider } from '../../credentials/open-provider.ts';
import type { HiddenSecrets } from './hidden-secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One source of credentials, which is asked once. */
export class IdentitySubject {
  /** See `nameCredentials`; no two have the same. */
  readonly name: string;
  readonly region: string;
  readonly settings: CredentialSettings;
  readonly #provider: CredentialProvider;
  readonly #secrets: HiddenSecrets;
  #issued: Promise<IssuedCredentials> | undefined;

  constructor(
    name: string,
    { settings, region }: CredentialGroup,
    { environment, secrets }: { readonly environment: Environment; readonly secrets: HiddenSecrets },
  ) {
    this.name = name;
    this.region = region;
    this.settings = settings;
    this.#provider = openProvider(settings, environment, region);
    this.#secrets = secrets;
  }

  /** What was asked, in words: `instance metadata (IMDSv2)`. A guess before `issued` has answered. */
  get source(): string {
    return this.#provider.source;
  }

  /** @throws {CredentialError} in the operator's words */
  issued(): Promise<IssuedCredentials> {
    this.#issued ??= this.#provider.fetch().then((issued) => {
      this.#secrets.add(issued.secretAccessKey);
      this.#secrets.add(issued.sessionToken);
      return issued;
    });
    return this.#issued;
  }

  /** As the request path knows credentials; nothing is fetched a second time. */
  toSource(): CredentialSource {
    return {
      current: () => undefined,
      waitForFirst: () => this.issued().catch(() => undefined),
      replaceRefused: (refused) => Promise.resolve(refused),
      mayBeExpired: () => false,
    };
  }
}

/** The settings in few words: `auto`, `profile media`, `auto + arn:aws:iam::…:role/reader (eu-west-1)`. */
export function nameCredentials({ source, profile, roleArn }: CredentialSettings, region: string): string {
  const role = roleArn === undefined ? '' : ` + ${roleArn} (${region})`;
  return `${source}${profile === undefined ? '' : ` ${profile}`}${role}`;
}
