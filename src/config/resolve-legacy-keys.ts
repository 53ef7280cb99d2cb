import { LEGACY_KEYS } from './legacy-keys.ts';
import { parseValue } from './parse-value.ts';
import type { WrittenConfig, WrittenValue } from './read-config.ts';

interface ResolvedLegacy {
  readonly settings: ReadonlyMap<string, WrittenValue>;
  /** The route to the advertisements' bucket. */
  readonly adRoute: WrittenValue | undefined;
  /** What the operator should know. */
  readonly warnings: readonly string[];
}

/**
 * Adds what an evs-s3helper file says to the settings of today's names. Environment and flags win over it; today's name
 * for the same thing in the same file is a mistake. Such a file keeps evs's behaviour where ours is stricter.
 */
export function resolveLegacyKeys(written: WrittenConfig, mistakes: string[]): ResolvedLegacy {
  const settings = new Map(written.settings);
  if (written.legacy.size === 0) return { settings, adRoute: undefined, warnings: [] };
  const warnings: string[] = [];
  const placed = new Map<string, string>();
  let adRoute: WrittenValue | undefined;

  for (const [name, { becomes, translate, schema }] of LEGACY_KEYS) {
    const source = written.legacy.get(name);
    if (source === undefined) continue;
    const { origin } = source;
    const value = typeof source.value === 'string' ? translate(source.value) : source.value;
    if (parseValue({ name, value, origin }, schema, mistakes) === undefined) continue;
    if (value !== source.value)
      warnings.push(`${name}: ${String(source.value)} is taken as ${String(value)}`);

    if (becomes === 'routes') {
      adRoute = { value: { path: '/avod/', bucket: value }, origin };
    } else if (written.settings.get(becomes)?.origin === origin) {
      mistakes.push(`${name}: is given together with ${becomes} (${origin}); keep one of them`);
    } else if (placed.has(becomes)) {
      warnings.push(`${name}: is ignored, since ${placed.get(becomes)} is given too`);
    } else {
      placed.set(becomes, name);
      if (!settings.has(becomes)) settings.set(becomes, { value, origin, oldName: name });
    }
  }

  acceptAnyHost(settings, warnings);
  listenOnLoopback(settings, written.file, warnings);
  return { settings, adRoute, warnings };
}

function acceptAnyHost(settings: Map<string, WrittenValue>, warnings: string[]): void {
  if (settings.has('allowed_hosts')) return;
  settings.set('allowed_hosts', { value: '*', origin: 'evs-s3helper file' });
  warnings.push(
    'this is an evs-s3helper file, so any Host header is accepted, which lets a web page that rebinds its DNS name to ' +
      '127.0.0.1 read the bucket; list the names your nginx sends in allowed_hosts ([] where none has a dot) to refuse all others',
  );
}

/** evs-s3helper listened on every address of the machine and then refused every other peer. */
function listenOnLoopback(settings: Map<string, WrittenValue>, file: string, warnings: string[]): void {
  const { value, origin } = settings.get('listen') ?? {};
  const port = typeof value === 'string' ? /^(?:0\.0\.0\.0|\[::\]):(\d+)$/.exec(value)?.[1] : undefined;
  if (port === undefined || origin !== file || settings.get('allow_remote')?.value === 'true') return;
  settings.set('listen', { value: `127.0.0.1:${port}`, origin });
  warnings.push(
    `listen: ${String(value)} is taken as 127.0.0.1:${port}, since evs-s3helper answered 403 to every other peer`,
  );
}
