/** A region and where it was found, for the log. */
export interface DiscoveredRegion {
  readonly region: string;
  readonly origin: string;
}

export interface RegionPlaces {
  /** Of the shared files; undefined takes AWS_PROFILE or `default`. */
  readonly profile: string | undefined;
  /** Whether the instance may be asked, which costs up to two seconds where there is none. */
  readonly asksInstance: boolean;
}

/**
 * The region that AWS's own settings say, for configurations that name none and have no AWS_REGION: that of the profile,
 * or the placement of the instance (by IMDSv2).
 */
export async function discoverRegion({
  profile,
  asksInstance,
}: RegionPlaces): Promise<DiscoveredRegion | undefined> {
  const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } =
    await import('@smithy/core/config');
  const readFiles = loadConfig<string | undefined>(
    {
      environmentVariableSelector: () => undefined,
      configFileSelector: (values) => values['region'],
      default: () => Promise.resolve(undefined),
    },
    { ...NODE_REGION_CONFIG_FILE_OPTIONS, ...(profile !== undefined && { profile }) },
  );
  const inFiles = await readFiles().catch(() => undefined);
  if (inFiles !== undefined) return { region: inFiles, origin: 'the shared configuration files' };
  const placed = asksInstance ? await ask(NODE_REGION_CONFIG_OPTIONS.default) : undefined;
  return placed === undefined ? undefined : { region: placed, origin: 'the instance metadata' };
}

/** The SDK's own last resort, which it offers as a default: the instance. */
async function ask(instance: string | (() => string | Promise<string>)): Promise<string | undefined> {
  try {
    return typeof instance === 'string' ? instance : await instance();
  } catch {
    return undefined;
  }
}
