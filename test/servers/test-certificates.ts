import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const DAY_MS = 24 * 60 * 60 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** DNS names and addresses of a certificate that is asked for none: a real S3 endpoint, its buckets, and this machine. */
export const S3_SERVER_NAMES: readonly string[] = [
  's3.us-east-1.amazonaws.com',
  '*.s3.us-east-1.amazonaws.com',
  'localhost',
  '127.0.0.1',
];

/** Names that no test connects to. */
export const WRONG_SERVER_NAMES: readonly string[] = ['wrong-name.test'];

/** A certificate authority that lives as long as its directory. */
export interface TestAuthority {
  /** Certificate of the authority, PEM; two authorities never share a name. */
  readonly ca: string;
  readonly caFile: string;
  /** Makes a key and a certificate for a server. */
  issue(options?: CertificateOptions): Promise<ServerCertificate>;
  /** Removes all files; the PEM strings stay usable. */
  remove(): Promise<void>;
}

export interface CertificateOptions {
  /** DNS names and IP addresses it is valid for; {@link S3_SERVER_NAMES} when not given. */
  readonly names?: readonly string[];
  /** Was valid until yesterday. */
  readonly expired?: boolean;
}

/** Key and certificate, PEM, and the files that hold them. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a throw-away certificate authority (P-256) in a new directory below the given one. */
export async function createTestAuthority(parentDirectory: string = tmpdir()): Promise<TestAuthority> {
  const directory = await mkdtemp(join(parentDirectory, 's3-helper-certificates-'));
  const caFile = join(directory, 'ca.pem');
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validBetween(-1, 2),
    serialNumber: randomBytes(8).toString('hex'),
    name: `CN=s3-helper test authority ${randomBytes(6).toString('hex')}`,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const ca = certificate.toString('pem');
  await writeFile(caFile, ca);
  let issued = 0;
  return {
    ca,
    caFile,
    issue: (options = {}) =>
      issueCertificate(join(directory, `server-${(issued += 1)}`), { certificate, keys }, options),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function issueCertificate(
  path: string,
  issuer: Issuer,
  { names = S3_SERVER_NAMES, expired = false }: CertificateOptions,
): Promise<ServerCertificate> {
  const keys = await makeKeys();
  const alternatives = names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const);
  const certificate = await x509.X509CertificateGenerator.create({
    ...(expired ? validBetween(-30, -1) : validBetween(-1, 2)),
    serialNumber: randomBytes(8).toString('hex'),
    subject: 'CN=s3-helper test',
    issuer: issuer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      new x509.SubjectAlternativeNameExtension(alternatives),
    ],
  });
  const cert = certificate.toString('pem');
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  const [certFile, keyFile] = [`${path}.pem`, `${path}.key`];
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key, { mode: 0o600 })]);
  return { cert, key, certFile, keyFile };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validBetween(
  fromDays: number,
  toDays: number,
): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now + fromDays * DAY_MS), notAfter: new Date(now + toDays * DAY_MS) };
}
