import * as v from 'valibot';
import { parseStatsdAddress, type StatsdAddress } from './statsd-address.ts';
import { durationFrom } from './value-schemas.ts';

const ADDRESS_FORM = 'host:port, [IPv6]:port, :port (this machine) or unix:/path (up to 107 bytes)';

export const address = v.pipe(
  v.string(ADDRESS_FORM),
  v.transform(parseStatsdAddress),
  v.custom<StatsdAddress>((parsed) => parsed !== undefined, ADDRESS_FORM),
);

const PREFIX_FORM = 'a name such as prod.s3-helper: up to 128 of letters, digits and . _ / -';

export const prefix = v.pipe(v.string(PREFIX_FORM), v.regex(/^[\w./-]{1,128}$/, PREFIX_FORM));

export const tags = v.picklist(['none', 'datadog'], 'none or datadog');

export const flushIntervalMs = durationFrom(100, 3_600_000, 'a duration from 100ms to 1h');
