import type { S3Response } from '../../s3/exchange.ts';

const LARGEST_TEXT_BYTES = 64 * 1024;

/** Reads a body to its end, or to 64 KiB. @throws {ProxyFailure} where it breaks before */
export function readText(response: S3Response): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (): void => resolve(Buffer.concat(chunks).toString('utf8'));
    response.readBody({
      onData: (chunk) => {
        chunks.push(Buffer.from(chunk));
        response.freeChunks();
        length += chunk.length;
        if (length < LARGEST_TEXT_BYTES) return;
        response.discard();
        finish();
      },
      onEnd: finish,
      onError: reject,
    });
  });
}
