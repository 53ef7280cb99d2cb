import type * as v from 'valibot';
import type { CredentialSettings, Route, S3Location } from './config.ts';
import { type NamedValue, parseValue } from './parse-value.ts';
import { type ParsedCredentials, resolveRouteCredentials } from './resolve-credentials.ts';
import { type ParsedS3, resolveLocation } from './resolve-location.ts';
import type { WrittenValue } from './read-config.ts';
import { isMap, isUnset, type YamlMap } from './read-yaml.ts';
import { ROUTE_KEYS, S3_SETTINGS, type Setting } from './settings.ts';
import { routePath } from './value-schemas.ts';

export interface WrittenRoutes {
  /** What is under `s3`, which routes inherit. */
  readonly base: ParsedS3;
  readonly routes: WrittenValue | undefined;
  readonly adRoute: WrittenValue | undefined;
  /** What is under `credentials`, which routes inherit. */
  readonly credentials: ParsedCredentials;
}

const MAP_FORM = '{path: /avod/, bucket: my-ads}';
const NO_BUCKET =
  's3.bucket: is missing; write the name of the bucket in the file, in S3_HELPER_S3_BUCKET or after --s3-bucket';

/** Every route, longest path first; `s3.bucket` is the route `/`. */
export function resolveRoutes(written: WrittenRoutes, mistakes: string[]): readonly Route[] {
  const { base, adRoute } = written;
  const servesAll = base.writtenKeys.has('bucket');
  const routes: Route[] = [];
  const takenBy = new Map<string, string>();
  const add = (name: string, path: string, s3?: S3Location, credentials?: CredentialSettings): void => {
    const taker = takenBy.get(path);
    if (taker !== undefined)
      mistakes.push(`${name}: ${path} is served by ${taker} already; keep one of them`);
    takenBy.set(path, name);
    if (s3 !== undefined) routes.push({ path, s3, credentials });
  };

  const entries = listEntries(written.routes, mistakes);
  if (adRoute !== undefined) entries.push({ name: 's3_ad_bucket', ...adRoute });
  if (servesAll) add('s3.bucket', '/', resolveLocation('s3', base, mistakes));
  for (const entry of entries) {
    if (!isMap(entry.value)) {
      mistakes.push(`${entry.name}: is not a map (${entry.origin}); write one such as ${MAP_FORM}`);
      continue;
    }
    const { path, values } = parseEntry(entry, entry.value, mistakes);
    const s3 = {
      values: { ...base.values, ...values },
      writtenKeys: new Set([...base.writtenKeys, ...Object.keys(values)]),
    };
    const location = resolveLocation(entry.name, s3, mistakes);
    const map = {
      name: `${entry.name}.credentials`,
      value: entry.value['credentials'],
      origin: entry.origin,
    };
    const credentials = resolveRouteCredentials(map, written.credentials, mistakes);
    if (path !== undefined) add(entry.name, path, location, credentials);
  }
  if (entries.length === 0 && !servesAll) mistakes.push(NO_BUCKET);
  return routes.sort((one, other) => other.path.length - one.path.length);
}

function listEntries(written: WrittenValue | undefined, mistakes: string[]): NamedValue[] {
  if (written === undefined || isUnset(written.value)) return [];
  const { value, origin } = written;
  if (Array.isArray(value))
    return value.map((entry: unknown, index) => ({ name: `routes[${index}]`, value: entry, origin }));
  mistakes.push(`routes: is not a list (${origin}); write a list of maps such as [${MAP_FORM}]`);
  return [];
}

function parseEntry(
  { name, origin }: NamedValue,
  entry: YamlMap,
  mistakes: string[],
): { readonly path: string | undefined; readonly values: Partial<ParsedS3['values']> } {
  for (const key of Object.keys(entry)) {
    if (!ROUTE_KEYS.includes(key))
      mistakes.push(`${name}.${key}: no such key (${origin}); known: ${ROUTE_KEYS.join(', ')}`);
  }
  const parse = <T>(key: string, schema: v.GenericSchema<unknown, T>): T | undefined =>
    parseValue({ name: `${name}.${key}`, value: entry[key], origin }, schema, mistakes);
  const values: Record<string, unknown> = {};
  for (const [key, { schema }] of Object.entries<Setting<unknown>>(S3_SETTINGS)) {
    if (!isUnset(entry[key])) values[key] = parse(key, schema);
  }
  return { path: parse('path', routePath), values };
}
