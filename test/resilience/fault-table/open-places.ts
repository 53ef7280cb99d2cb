import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type FakeS3, startFakeS3 } from '../../servers/fake-s3.ts';
import { createTestAuthority, WRONG_SERVER_NAMES } from '../../servers/test-certificates.ts';
import type { CellPlace } from './play-cell.ts';
import type { Place } from './row.ts';

export interface Places {
  readonly at: Readonly<Record<Place, CellPlace>>;
  /** Every S3 among them. */
  readonly servers: readonly FakeS3[];
  close(): Promise<void>;
}

/** Of this machine too, but no test listens there: a port that is closed stays so. */
const QUIET_ADDRESS = '127.0.0.99';

/** Starts every S3, and what stands in its place, that the fault table needs. */
export async function openPlaces(): Promise<Places> {
  const [authority, stranger] = await Promise.all([createTestAuthority(), createTestAuthority()]);
  const [strict, lenient, expired, wrongName, untrusted] = await Promise.all([
    startFakeS3(),
    startFakeS3({ requireSignature: false }),
    startFakeS3({ tls: await authority.issue({ expired: true }) }),
    startFakeS3({ tls: await authority.issue({ names: WRONG_SERVER_NAMES }) }),
    startFakeS3({ tls: await stranger.issue({}) }),
  ]);
  const nobody = await findClosedPort();
  const clearText = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  await once(clearText, 'listening');
  const { port } = clearText.address() as AddressInfo;
  const servers = [strict, lenient, expired, wrongName, untrusted];
  const at = (s3: FakeS3, endpoint = s3.endpoint): CellPlace => ({ s3, endpoint, ca: authority.ca });
  return {
    at: {
      strict: at(strict),
      lenient: at(lenient),
      expired: at(expired),
      'wrong name': at(wrongName),
      untrusted: at(untrusted),
      nobody: at(strict, `http://${QUIET_ADDRESS}:${nobody}`),
      'clear text': at(strict, `https://127.0.0.1:${port}`),
    },
    servers,
    close: async () => {
      clearText.close();
      await Promise.all([...servers.map((s3) => s3.close()), authority.remove(), stranger.remove()]);
    },
  };
}

async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, QUIET_ADDRESS);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
