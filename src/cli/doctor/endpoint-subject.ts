import { lookup as systemLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type LookupFunction } from 'node:net';
import type { S3Location } from '../../config/config.ts';
import type { Endpoint } from '../../s3/resolve-endpoint.ts';
import type { Need } from './doctor-check.ts';

/** How one address took a connection. */
export interface Connection {
  readonly address: string;
  /** Undefined where it did. */
  readonly error: NodeJS.ErrnoException | undefined;
}

/** One host that S3 is asked at. What is found out about it is found out once. */
export class EndpointSubject {
  /** `https://host` or `http://host:port`, and what is trusted beside the usual authorities. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Of the first route that leads there. */
  readonly s3: S3Location;
  readonly #lookup: LookupFunction;
  #addresses: Promise<readonly string[]> | undefined;
  #connections: Promise<readonly Connection[]> | undefined;

  constructor(endpoint: Endpoint, s3: S3Location, lookup: LookupFunction = systemLookup) {
    this.name = `${endpoint.protocol}//${endpoint.host}${s3.ca === undefined ? '' : ` (${s3.ca})`}`;
    this.endpoint = endpoint;
    this.s3 = s3;
    this.#lookup = lookup;
  }

  /** What must be well before this host can be asked. */
  get reached(): readonly Need[] {
    return ['dns', 'tcp', 'tls'].map((check) => ({ check, subject: this.name }));
  }

  get isNamed(): boolean {
    return isIP(this.endpoint.hostname) === 0;
  }

  /** The text of `s3.ca`. @throws where it cannot be read */
  get ca(): string | undefined {
    return this.s3.ca === undefined ? undefined : readFileSync(this.s3.ca, 'utf8');
  }

  /** @throws {NodeJS.ErrnoException} of the lookup */
  addresses(): Promise<readonly string[]> {
    this.#addresses ??= new Promise((resolve, reject) => {
      const { hostname } = this.endpoint;
      if (!this.isNamed) return resolve([hostname]);
      return this.#lookup(hostname, { all: true, order: 'verbatim' }, (error, answer) => {
        if (error !== null) reject(error);
        else resolve(Array.isArray(answer) ? answer.map(({ address }) => address) : [answer]);
      });
    });
    return this.#addresses;
  }

  /** Connects to every address, at once. @param timeoutMs - of each */
  connections(timeoutMs: number): Promise<readonly Connection[]> {
    this.#connections ??= this.addresses().then((addresses) =>
      Promise.all(addresses.map((address) => this.#connect(address, timeoutMs))),
    );
    return this.#connections;
  }

  #connect(address: string, timeoutMs: number): Promise<Connection> {
    return new Promise((resolve) => {
      const socket = connectTcp({ host: address, port: this.endpoint.port, timeout: timeoutMs });
      const end = (error: NodeJS.ErrnoException | undefined): void => {
        socket.destroy();
        resolve({ address, error });
      };
      socket.once('connect', () => end(undefined));
      socket.once('error', end);
      socket.once('timeout', () => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    });
  }
}
