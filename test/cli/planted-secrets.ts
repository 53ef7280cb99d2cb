import { createHash } from 'node:crypto';
import type { S3Credential } from '../../src/demo/verify-signature.ts';

/** Invented, of the real shape and size, and of bytes that occur nowhere else. */
function invent(name: string, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(`planted ${name}`).digest();
}

export const PLANTED = {
  secretAccessKey: invent('key', 30).toString('base64'),
  sessionToken: invent('token', 700).toString('base64'),
  license: invent('licence', 20).toString('hex'),
  containerToken: invent('container', 60).toString('base64'),
  webIdentityToken: ['header', 'claims', 'signature']
    .map((part) => invent(part, 200).toString('base64url'))
    .join('.'),
} as const;

export const PLANTED_CREDENTIAL: S3Credential = {
  accessKeyId: 'ASIAPLANTEDPLANTED01',
  secretAccessKey: PLANTED.secretAccessKey,
  sessionToken: PLANTED.sessionToken,
};

export const PLANTED_KEYS = {
  AWS_ACCESS_KEY_ID: PLANTED_CREDENTIAL.accessKeyId,
  AWS_SECRET_ACCESS_KEY: PLANTED.secretAccessKey,
  AWS_SESSION_TOKEN: PLANTED.sessionToken,
} as const;

/** A secret may be cut short where it is quoted; so much of it in one piece is a leak. */
const PIECE_LENGTH = 12;

/**
 * What of the secrets is in a text: whole or in part, as it is, as JSON or a URL writes it, or in base64; and anything that
 * looks like a signature.
 */
export function findPlanted(
  text: string,
  secrets: Readonly<Record<string, string | undefined>> = PLANTED,
): string[] {
  const found = Object.entries(secrets).filter(([, secret = '']) =>
    [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')].some((form) =>
      piecesOf(form).some((piece) => text.includes(piece)),
    ),
  );
  return [
    ...found.map(([name]) => name),
    ...(/Signature=[0-9a-f]{8}|AWS4-HMAC-SHA256|X-Amz-Security-Token: *\S/i.exec(text) ?? []),
  ];
}

function piecesOf(secret: string): string[] {
  const pieces = secret.match(new RegExp(`[^]{${PIECE_LENGTH}}`, 'g'));
  if (pieces === null) throw new Error('too short a secret to look for');
  return pieces;
}
