import type { WrittenConfig } from './read-config.ts';
import { isMap, isUnset } from './read-yaml.ts';

/** Whether nobody has written a region for some bucket, so that it is worth to look for one elsewhere. */
export function needsRegion({ file, settings, legacy, awsRegion, routes }: WrittenConfig): boolean {
  if (awsRegion !== undefined || settings.has('s3.region') || legacy.has('s3_region')) return false;
  const entries: readonly unknown[] = Array.isArray(routes?.value) ? routes.value : [];
  const base = settings.get('s3.bucket')?.value ?? legacy.get('s3_bucket')?.value;
  // Routes in the environment replace that of s3_ad_bucket, as they do all of the file's.
  const adBucket = (routes?.origin ?? file) === file ? legacy.get('s3_ad_bucket')?.value : undefined;
  if (lacksRegion(base) || lacksRegion(adBucket)) return true;
  return entries.some(
    (entry) =>
      isMap(entry) && lacksRegion(isUnset(entry['bucket']) ? base : entry['bucket'], entry['region']),
  );
}

/** The ARN of an access point holds the region; a bucket that is missing is another mistake. */
function lacksRegion(bucket: unknown, region?: unknown): boolean {
  const isArn = typeof bucket === 'string' && bucket.startsWith('arn:');
  return !isUnset(bucket) && !isArn && isUnset(region);
}
