import { findHeader } from './find-header.ts';

/**
 * Whether an If-Range validator names the representation that these headers describe (RFC 9110 §13.1.5): entity tags
 * by strong comparison, dates by being the very same, and only where the date is a strong validator (§8.8.2.2: the
 * response is from at least a second after it).
 */
export function matchesValidator(ifRange: string, headers: readonly string[]): boolean {
  if (ifRange.startsWith('"')) return ifRange === findHeader(headers, 'etag');
  if (ifRange.startsWith('W/')) return false;
  const lastModified = Date.parse(findHeader(headers, 'last-modified') ?? '');
  const sentAt = Date.parse(findHeader(headers, 'date') ?? '');
  return Date.parse(ifRange) === lastModified && sentAt - lastModified >= 1000;
}
