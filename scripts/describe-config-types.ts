import {
  CREDENTIAL_SETTINGS,
  S3_SETTINGS,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
} from '../src/config/settings.ts';
import { readValueTypes } from './read-value-types.ts';

/** The sections that routes hold as well, by the names of their types. */
const SHARED_SECTIONS: Readonly<Record<string, { readonly type: string; readonly keys: object }>> = {
  s3: { type: 'S3Settings', keys: S3_SETTINGS },
  credentials: { type: 'CredentialSettings', keys: CREDENTIAL_SETTINGS },
};

/**
 * The declaration of `s3-helper/config`: the shape of the configuration file, with each key's purpose and default, out of
 * the table that the program itself reads. It needs no other file and no other package.
 */
export function describeConfigTypes(): string {
  const { byName, duration } = readValueTypes();
  const describe = (name: string, key: string): string => {
    const { about, defaultText } = (SETTINGS as Readonly<Record<string, Setting<unknown>>>)[name] ?? {};
    const type = byName.get(name);
    if (about === undefined || type === undefined) throw new Error(`${name} is no setting with a type`);
    const tag = defaultText === undefined || defaultText === '' ? '' : ` @default ${defaultText}`;
    return `/** ${about}${tag} */\n${optional(key, type)}`;
  };
  const single = SETTING_NAMES.filter((name) => !name.includes('.'));
  const sections = new Set(SETTING_NAMES.filter((name) => name.includes('.')).map(sectionOf));
  const keysOf = (section: string): string[] =>
    SETTING_NAMES.filter((name) => sectionOf(name) === section).map((name) =>
      describe(name, name.slice(section.length + 1)),
    );
  const describeSection = (section: string): string =>
    optional(section, SHARED_SECTIONS[section]?.type ?? braces(keysOf(section)));
  return [
    '// Written by the build, out of the table of settings.',
    `/** Such as 500ms, 3s or 1m30s. */\nexport type Duration = ${duration};`,
    ...Object.entries(SHARED_SECTIONS).map(
      ([section, { type }]) =>
        `/** The keys of \`${section}\`, which a route may override. */\nexport interface ${type} ${braces(keysOf(section))}`,
    ),
    ROUTE,
    `/** The configuration file of s3-helper, as a value to write as YAML. */\nexport interface ConfigFile ${braces(
      [
        ...single.map((name) => describe(name, name)),
        ...[...sections].map(describeSection),
        `/** further buckets, each below a path of its own */\n${optional('routes', 'readonly Route[]')}`,
      ],
    )}`,
    '',
  ].join('\n\n');
}

const ROUTE = `/** A bucket below a path of its own; what it does not say it takes from \`s3\` and \`credentials\`. */
export interface Route extends S3Settings {
  /** begins and ends with a slash; the longest that a request begins with wins */
  readonly path: string;
  readonly credentials?: CredentialSettings | undefined;
}`;

function optional(key: string, type: string): string {
  return `readonly ${key}?: ${type} | undefined;`;
}

function braces(members: readonly string[]): string {
  return `{\n${members.join('\n').replaceAll(/^/gm, '  ')}\n}`;
}

function sectionOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('.')));
}
