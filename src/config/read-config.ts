import { ConfigError } from './config-error.ts';
import { LEGACY_KEYS } from './legacy-keys.ts';
import { findNearestName } from './nearest-name.ts';
import { isMap, isUnset, parseYaml, readYamlFile } from './read-yaml.ts';
import { environmentName, flagName, isSettingName, SETTING_NAMES } from './settings.ts';

/** A value as somebody wrote it, and where. */
export interface WrittenValue {
  readonly value: unknown;
  /** `flag --s3-bucket`, `environment S3_HELPER_S3_BUCKET` or `FILE`. */
  readonly origin: string;
  /** The key of evs-s3helper that it was written as. */
  readonly oldName?: string;
}

/** What was written, unjudged but for its shape: keys are known, values are not looked at yet. */
export interface WrittenConfig {
  readonly file: string;
  readonly settings: ReadonlyMap<string, WrittenValue>;
  readonly routes: WrittenValue | undefined;
  /** Flat keys of an evs-s3helper file. */
  readonly legacy: ReadonlyMap<string, WrittenValue>;
  /** What the AWS tools would take for the region; used where nothing above says one. */
  readonly awsRegion: WrittenValue | undefined;
  /** One sentence for each name that does not exist. */
  readonly mistakes: readonly string[];
}

export interface ConfigSources {
  /** Values of flags by the key they set. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The file to read; a missing one is a mistake unless `fileIsOptional`. */
  readonly file: string;
  readonly fileIsOptional: boolean;
}

/**
 * Reads file, environment and flags; a later one wins, and an empty value counts for none.
 * @throws {ConfigError} where a text cannot be read or is not YAML, so that no more can be said about its values.
 */
export function readConfig(sources: ConfigSources): WrittenConfig {
  const unreadable: string[] = [];
  const mistakes: string[] = [];
  const settings = new Map<string, WrittenValue>();
  const legacy = new Map<string, WrittenValue>();
  let routes: WrittenValue | undefined;

  const { file, environment } = sources;
  for (const [name, value] of flatten(readYamlFile(file, sources.fileIsOptional, unreadable))) {
    const known = isSettingName(name) ? settings : LEGACY_KEYS.has(name) ? legacy : undefined;
    if (known?.has(name)) mistakes.push(`${name}: is there twice (${file}); keep one of them`);
    else if (name === 'routes') routes = { value, origin: file };
    else if (known !== undefined && !isUnset(value)) known.set(name, { value, origin: file });
    else if (known === undefined) mistakes.push(describeUnknownKey(name, file));
  }
  for (const [variable, name] of findVariables(environment, mistakes)) {
    const origin = `environment ${variable}`;
    const value = environment[variable] ?? '';
    if (name === 'routes') routes = { value: parseYaml(value, origin, unreadable), origin };
    else settings.set(name, { value, origin });
  }
  for (const [name, value] of sources.flags) {
    if (!isUnset(value)) settings.set(name, { value, origin: `flag ${flagName(name)}` });
  }
  for (const [variable, name] of NEW_RELIC_VARIABLES) {
    const value = environment[variable];
    if (!isUnset(value)) settings.set(name, { value, origin: `environment ${variable}` });
  }
  if (unreadable.length > 0) throw new ConfigError([...unreadable, ...mistakes]);
  return { file, settings, routes, legacy, awsRegion: findAwsRegion(environment), mistakes };
}

/** `{s3: {bucket: x}}` as `s3.bucket` → x. Routes stay a list. */
function* flatten(tree: unknown, prefix = ''): Generator<[string, unknown]> {
  if (!isMap(tree)) return;
  for (const [key, value] of Object.entries(tree)) {
    const name = prefix + key;
    if (isMap(value) && name !== 'routes') yield* flatten(value, `${name}.`);
    else if (!(isUnset(value) && keysUnder(name).length > 0)) yield [name, value];
  }
}

/** Each variable of ours that says something, and its key. */
function* findVariables(
  environment: ConfigSources['environment'],
  mistakes: string[],
): Generator<[variable: string, name: string]> {
  const known = new Map([...SETTING_NAMES, 'routes'].map((name) => [environmentName(name), name]));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('S3_HELPER_') || isUnset(text) || isServiceLink(variable)) continue;
    const name = known.get(variable);
    if (name !== undefined) yield [variable, name];
    else mistakes.push(`${variable}: no such environment variable${suggest(variable, known.keys())}`);
  }
}

/** Kubernetes puts these into every pod beside a Service that is named s3-helper. */
function isServiceLink(variable: string): boolean {
  return /^S3_HELPER_(?:SERVICE_HOST|(?:SERVICE_)?PORT(?:_\w+)?)$/.test(variable);
}

/** What its agent reads itself and puts above all that it is told. */
const NEW_RELIC_VARIABLES = [
  ['NEW_RELIC_LICENSE_KEY', 'newrelic.license'],
  ['NEW_RELIC_APP_NAME', 'newrelic.name'],
] as const;

function findAwsRegion(environment: ConfigSources['environment']): WrittenValue | undefined {
  for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const value = environment[variable];
    if (!isUnset(value)) return { value, origin: `environment ${variable}` };
  }
  return undefined;
}

const KNOWN_NAMES = [...SETTING_NAMES, 'routes', ...LEGACY_KEYS.keys()];

function keysUnder(section: string): readonly string[] {
  return KNOWN_NAMES.filter((name) => name.startsWith(`${section}.`));
}

function describeUnknownKey(name: string, origin: string): string {
  const below = keysUnder(name);
  return below.length > 0
    ? `${name}: holds keys, not a value (${origin}); write one of ${below.join(', ')}`
    : `${name}: no such key (${origin})${suggest(name, KNOWN_NAMES)}`;
}

function suggest(written: string, names: Iterable<string>): string {
  const nearest = findNearestName(written, names);
  return nearest === undefined ? '; --help lists all' : `; did you mean ${nearest}?`;
}
