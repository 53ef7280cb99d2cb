import { describe, expect, it } from 'vitest';
import { type EndpointInput, resolveEndpoint } from '../../src/s3/resolve-endpoint.ts';
import table from '../fixtures/endpoints.json' with { type: 'json' };

/** One row: where S3 is asked and what is signed, or a part of the sentence that refuses. */
interface EndpointCase {
  readonly name: string;
  readonly input: EndpointInput;
  /** Scheme, Host header and base path. */
  readonly url?: string;
  /** What is connected to, where it differs from the URL's. */
  readonly hostname?: string;
  readonly port?: number;
  /** The input's region unless given. */
  readonly signingRegion?: string;
  /** `s3` unless given. */
  readonly signingService?: string;
  readonly refused?: string;
}

const cases: readonly EndpointCase[] = table;

describe('an endpoint', () => {
  it.each(cases.filter(({ refused }) => refused === undefined))(
    'is resolved for $name',
    ({ input, url = '', hostname = new URL(url).hostname, port = 443, ...signing }) => {
      const endpoint = resolveEndpoint(input);
      expect(`${endpoint.protocol}//${endpoint.host}${endpoint.basePath}`).toBe(url);
      expect(endpoint).toMatchObject({
        hostname,
        port,
        signingRegion: signing.signingRegion ?? input.region,
        signingService: signing.signingService ?? 's3',
      });
    },
  );

  it.each(cases.filter(({ refused }) => refused !== undefined))(
    'is refused for $name',
    ({ input, refused }) => {
      expect(() => resolveEndpoint(input)).toThrow(RangeError);
      expect(() => resolveEndpoint(input)).toThrow(refused);
    },
  );
});
