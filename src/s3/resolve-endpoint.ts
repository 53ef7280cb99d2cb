import { isIP } from 'node:net';

/** What decides where a bucket answers; the fields of the configuration, checked. */
export interface EndpointInput {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly dualstack?: boolean | undefined;
  readonly fips?: boolean | undefined;
  readonly signingRegion?: string | undefined;
  readonly signingService?: string | undefined;
}

/** Where to connect, what to call it, and what the signature names. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  /** DNS name or IP literal without brackets: connected to, and the TLS server name. */
  readonly hostname: string;
  readonly port: number;
  /** The Host header, signed and sent: with the port only where it is not the protocol's own. */
  readonly host: string;
  /** Before the key on the wire: `/` or `/bucket/`. */
  readonly basePath: string;
  readonly signingRegion: string;
  readonly signingService: string;
}

/** DNS suffix by the beginning of a region's name; the first that fits (botocore's partitions). */
const PARTITIONS: readonly (readonly [prefix: string, dnsSuffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
  ['', 'amazonaws.com'],
];

/** A name that may stand as the leftmost label of AWS's wildcard certificate (AWS, "Bucket naming rules"). */
const VIRTUAL_HOSTABLE = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;
const ACCESS_POINT_ARN =
  /^arn:[a-z-]+:(s3|s3-object-lambda):([a-z0-9-]+):(\d{12}):accesspoint[:/]([a-z0-9-]+)$/;

/** Directory buckets and their access points, Outposts, tables, multi-region access points (AWS, "Bucket naming rules"). */
const RESERVED_SUFFIX = /(?:--(?:x|xa|op|table)-s3|\.mrap)$/;

/**
 * Resolves where and how a bucket is asked, as the endpoint rules of AWS's SDKs do.
 * @throws {RangeError} in the operator's words, for a bucket that needs another signature (S3 Express, multi-region
 * access points, Outposts), and for an endpoint that AWS does not have.
 */
export function resolveEndpoint(input: EndpointInput): Endpoint {
  const located = input.bucket.startsWith('arn:') ? locateAccessPoint(input) : locateBucket(input);
  const { protocol, hostname, port } = located;
  const isDefaultPort = port === (protocol === 'https:' ? 443 : 80);
  const bracketed = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  return {
    protocol,
    hostname,
    port,
    host: isDefaultPort ? bracketed : `${bracketed}:${port}`,
    basePath: located.basePath,
    signingRegion: input.signingRegion ?? located.signingRegion,
    signingService: input.signingService ?? located.signingService,
  };
}

type Located = Omit<Endpoint, 'host'>;

function locateAccessPoint(input: EndpointInput): Located {
  const [, service, region, account, name] = ACCESS_POINT_ARN.exec(input.bucket) ?? [];
  if (service === undefined || region === undefined || account === undefined || name === undefined)
    throw new RangeError(`${input.bucket} is not the ARN of an access point in one region`);
  if (input.pathStyle === true)
    throw new RangeError(`${input.bucket} has a host name of its own, so path_style cannot be had`);
  const label = `${name}-${account}`;
  if (input.endpoint !== undefined) {
    const located = atCustomEndpoint(input.endpoint, label, false, { region, service });
    if (located.basePath === '/') return located;
    throw new RangeError(`${input.bucket} needs an endpoint with a host name, not an IP address`);
  }
  if (service === 's3-object-lambda' && input.dualstack === true)
    throw new RangeError(`${input.bucket} has no dualstack endpoint`);
  const kind = service === 's3' ? 's3-accesspoint' : service;
  return onAws(`${label}.${regionalHost(kind, region, input)}`, '/', region, service);
}

function locateBucket(input: EndpointInput): Located {
  const { bucket, region } = input;
  if (RESERVED_SUFFIX.test(bucket))
    throw new RangeError(`${bucket} needs another signature than S3's (S3 Express, Outposts, multi-region)`);
  const pathStyle = input.pathStyle === true || !VIRTUAL_HOSTABLE.test(bucket);
  if (input.endpoint !== undefined)
    return atCustomEndpoint(input.endpoint, bucket, pathStyle, { region, service: 's3' });
  const regional = regionalHost('s3', region, input);
  return pathStyle
    ? onAws(regional, `/${bucket}/`, region, 's3')
    : onAws(`${bucket}.${regional}`, '/', region, 's3');
}

function atCustomEndpoint(
  endpoint: string,
  label: string,
  pathStyle: boolean,
  signing: { readonly region: string; readonly service: string },
): Located {
  const url = new URL(endpoint);
  const server = url.hostname.replace(/^\[|\]$/g, '');
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
  const port = url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port);
  const inPath = pathStyle || isIP(server) !== 0;
  return {
    protocol,
    hostname: inPath ? server : `${label}.${server}`,
    port,
    basePath: inPath ? `/${label}/` : '/',
    signingRegion: signing.region,
    signingService: signing.service,
  };
}

function onAws(hostname: string, basePath: string, signingRegion: string, signingService: string): Located {
  return { protocol: 'https:', hostname, port: 443, basePath, signingRegion, signingService };
}

/** @param kind - AWS's name of the service in host names: `s3`, `s3-accesspoint`, `s3-object-lambda` */
function regionalHost(kind: string, region: string, { fips, dualstack }: EndpointInput): string {
  if (fips === true && region.startsWith('cn-')) throw new RangeError(`${region} has no FIPS endpoints`);
  return `${kind}${fips === true ? '-fips' : ''}${dualstack === true ? '.dualstack' : ''}.${region}.${dnsSuffix(region)}`;
}

function dnsSuffix(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com';
}
