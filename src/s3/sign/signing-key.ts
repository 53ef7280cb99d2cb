import { createHmac } from 'node:crypto';
import type { SigningScope } from './request-signer.ts';

/**
 * Derives the 32-byte key of one UTC day (AWS, "Create a signed AWS API request", step 4).
 * @param day - `YYYYMMDD`
 */
export function deriveSigningKey(
  secretAccessKey: string,
  day: string,
  { region, service }: Pick<SigningScope, 'region' | 'service'>,
): Buffer {
  const dayKey = hmac(`AWS4${secretAccessKey}`, day);
  return hmac(hmac(hmac(dayKey, region), service), 'aws4_request');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
