/** A region and where it was found, for the log. */
export interface DiscoveredRegion {
  readonly region: string;
  readonly origin: string;
}

/**
 * The region that AWS's own settings say, for configurations that name none: AWS_REGION, the profile of the shared files,
 * the placement of the instance (asked by IMDSv2, a second at the most).
 */
export async function discoverRegion(
  environment: Readonly<Record<string, string | undefined>>,
  profile: string | undefined,
): Promise<DiscoveredRegion | undefined> {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = environment[name];
    if (region) return { region, origin: `environment ${name}` };
  }
  const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } =
    await import('@smithy/core/config');
  const inFiles = loadConfig<string | undefined>(
    {
      environmentVariableSelector: () => undefined,
      configFileSelector: (values) => values['region'],
      default: () => Promise.resolve(undefined),
    },
    { ...NODE_REGION_CONFIG_FILE_OPTIONS, ...(profile !== undefined && { profile }) },
  );
  const region = await inFiles().catch(() => undefined);
  if (region !== undefined) return { region, origin: 'the shared configuration files' };
  const placed = await askInstance(NODE_REGION_CONFIG_OPTIONS.default);
  return placed === undefined ? undefined : { region: placed, origin: 'the instance metadata' };
}

/** The SDK's own last resort, which it offers as a default. */
async function askInstance(ask: string | (() => string | Promise<string>)): Promise<string | undefined> {
  try {
    return typeof ask === 'string' ? ask : await ask();
  } catch {
    return undefined;
  }
}
