import { isIP } from 'node:net';
import type * as v from 'valibot';
import type { S3Location } from './config.ts';
import type { S3_SETTINGS } from './settings.ts';

type S3Key = keyof typeof S3_SETTINGS;

/** The keys under `s3` or of one route. */
export interface ParsedS3 {
  /** Undefined where nothing is written, or nothing acceptable. */
  readonly values: {
    readonly [K in S3Key]: v.InferOutput<(typeof S3_SETTINGS)[K]['schema']> | undefined;
  };
  /** Which are written, be they acceptable or not. */
  readonly writtenKeys: ReadonlySet<string>;
}

/**
 * Where a route's objects live, or undefined after a mistake.
 * @param name - of the route in mistakes
 */
export function resolveLocation(
  name: string,
  { values, writtenKeys }: ParsedS3,
  mistakes: string[],
): S3Location | undefined {
  // The region of an access point is part of its ARN.
  const region = isArn(values.bucket) ? values.bucket.split(':')[3] : values.region;
  if (!writtenKeys.has('bucket')) mistakes.push(`${name}.bucket: is missing; write a bucket name`);
  else if (region === undefined && !writtenKeys.has('region'))
    mistakes.push(`${name}.region: is missing; write an AWS region such as eu-west-1, or set AWS_REGION`);
  if (values.bucket === undefined || region === undefined) return undefined;
  const location: S3Location = {
    bucket: values.bucket,
    region,
    prefix: values.prefix ?? '',
    endpoint: values.endpoint,
    ca: values.ca,
    client: values.client ?? 'wire',
    pathStyle: values.path_style ?? false,
    dualstack: values.dualstack ?? false,
    fips: values.fips ?? false,
    learnRegion: values.learn_region ?? true,
    signingRegion: values.signing_region,
    signingService: values.signing_service,
  };
  for (const mistake of findContradictions(location)) mistakes.push(`${name}.${mistake}`);
  return location;
}

function isArn(bucket: string | undefined): bucket is string {
  return bucket?.startsWith('arn:') === true;
}

/** What AWS has no endpoint for (the endpoint rules of its SDKs), key first. */
function* findContradictions({ bucket, region, endpoint, ...choices }: S3Location): Generator<string> {
  const { pathStyle, dualstack, fips } = choices;
  if (endpoint !== undefined && (dualstack || fips))
    yield 'endpoint: cannot be combined with dualstack or fips, which choose a host of AWS';
  if (fips && region.startsWith('cn-')) yield `fips: there are no FIPS endpoints in ${region}; leave it out`;
  if (!isArn(bucket)) return;
  if (pathStyle)
    yield 'path_style: cannot be combined with the ARN of an access point, which has a host of its own';
  if (endpoint !== undefined && isIP(new URL(endpoint).hostname.replace(/^\[|\]$/g, '')) !== 0)
    yield 'endpoint: the ARN of an access point needs one with a host name, not an IP address';
  if (dualstack && bucket.split(':')[2] === 's3-object-lambda')
    yield 'dualstack: Object Lambda access points have no such endpoints; leave it out';
}
