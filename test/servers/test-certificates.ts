import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const OPENSSL_DEADLINE_MS = 20_000;
const DAY_MS = 24 * 60 * 60 * 1000;

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
  /** Makes a key and a certificate for a server. @throws {Error} with what openssl said */
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

/**
 * Makes a throw-away certificate authority (P-256) in a new directory below the given one, with the `openssl` command.
 * @throws {Error} naming the package when openssl is not installed
 */
export async function createTestAuthority(parentDirectory: string = tmpdir()): Promise<TestAuthority> {
  const directory = await mkdtemp(join(parentDirectory, 's3-helper-certificates-'));
  const caFile = join(directory, 'ca.pem');
  const name = `s3-helper test authority ${randomBytes(6).toString('hex')}`;
  await writeFile(join(directory, 'ca.cnf'), AUTHORITY_CONFIG);
  const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key'];
  const request = ['req', '-x509', '-config', 'ca.cnf', '-subj', `/CN=${name}`, '-days', '2'];
  await openssl(directory, [...request, ...keyOptions, '-out', caFile]);
  let issued = 0;
  return {
    ca: await readFile(caFile, 'utf8'),
    caFile,
    issue: (options = {}) => issueCertificate(directory, `server-${(issued += 1)}`, options),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Configuration of our own: the system's openssl.cnf may be changed or missing. */
const AUTHORITY_CONFIG = `[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

async function issueCertificate(
  directory: string,
  fileName: string,
  { names = S3_SERVER_NAMES, expired = false }: CertificateOptions,
): Promise<ServerCertificate> {
  const [configFile, keyFile, csrFile, certFile] = ['cnf', 'key', 'csr', 'pem'].map((ending) =>
    join(directory, `${fileName}.${ending}`),
  ) as [string, string, string, string];
  const databaseFile = join(directory, `${fileName}.database`);
  await writeFile(databaseFile, '');
  await writeFile(configFile, serverConfig(directory, databaseFile, names));
  const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const config = ['-config', configFile];
  await openssl(directory, [
    'req',
    '-new',
    ...config,
    '-subj',
    '/CN=s3-helper test',
    ...keyOptions,
    '-out',
    csrFile,
  ]);
  const validity = expired ? validBetween(-30, -1) : validBetween(-1, 2);
  await openssl(directory, [
    'ca',
    '-batch',
    '-notext',
    ...config,
    ...validity,
    '-in',
    csrFile,
    '-out',
    certFile,
  ]);
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  return { cert, key, certFile, keyFile };
}

/** Only `openssl ca` can date a certificate back; each certificate has a database of its own, so none waits for another. */
function serverConfig(directory: string, databaseFile: string, names: readonly string[]): string {
  const alternatives = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`);
  return `[req]
distinguished_name = name
[name]
[ca]
default_ca = authority
[authority]
certificate = ${directory}/ca.pem
private_key = ${directory}/ca.key
database = ${databaseFile}
new_certs_dir = ${directory}
rand_serial = yes
default_md = sha256
policy = policy
x509_extensions = server
[policy]
commonName = supplied
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${alternatives.join(', ')}
`;
}

function validBetween(fromDays: number, toDays: number): string[] {
  return ['-startdate', opensslDate(fromDays), '-enddate', opensslDate(toDays)];
}

/** YYYYMMDDHHMMSSZ, the given days from now. */
function opensslDate(daysFromNow: number): string {
  return new Date(Date.now() + daysFromNow * DAY_MS).toISOString().replace(/[-:T]|\.\d+/g, '');
}

async function openssl(directory: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('openssl', args, { cwd: directory, timeout: OPENSSL_DEADLINE_MS });
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(missing ? 'The openssl command is missing; apt-get install openssl' : 'openssl failed', {
      cause,
    });
  }
}
