import type { FakeS3 } from '../servers/fake-s3.ts';
import type { Connection } from './connection.ts';

/** Of the object that is downloaded. */
export const HELD_BYTES = 300_000;

/** Starts a download over the connection that S3 holds in the middle; waits for its first part. */
export async function startHeldDownload(s3: FakeS3, connection: Connection): Promise<Connection> {
  s3.put('big', { size: HELD_BYTES });
  s3.inject({ kind: 'stall', at: 100_000 }, { key: 'big' });
  connection.get('/big');
  await connection.until(() => connection.receivedBytes > 50_000, 'the first part');
  return connection;
}
