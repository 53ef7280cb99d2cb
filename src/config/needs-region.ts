import type { WrittenConfig } from './read-config.ts';
import { isMap, isUnset } from './read-yaml.ts';

/** Whether nobody has written a region for some bucket, so that it is worth to look for one elsewhere. */
export function needsRegion({ settings, legacy, awsRegion, routes }: WrittenConfig): boolean {
  if (awsRegion !== undefined || settings.has('s3.region') || legacy.has('s3_region')) return false;
  const entries: readonly unknown[] = Array.isArray(routes?.value) ? routes.value : [];
  const isSaid = (bucket: unknown, region: unknown): boolean => !isUnset(region) || isArn(bucket);
  const base = settings.get('s3.bucket')?.value ?? legacy.get('s3_bucket')?.value;
  if (base !== undefined && !isSaid(base, undefined)) return true;
  return entries.some((entry) => isMap(entry) && !isSaid(entry['bucket'] ?? base, entry['region']));
}

/** The ARN of an access point holds the region. */
function isArn(bucket: unknown): boolean {
  return typeof bucket === 'string' && bucket.startsWith('arn:');
}
