import type { S3Response } from './exchange.ts';

/** What S3 said went wrong. Its text never leaves here: it can echo the session token. */
export interface S3Error {
  /** `<Code>`, such as NoSuchKey; undefined where there is no body (HEAD) or no XML. */
  readonly code: string | undefined;
  /** `<ActualObjectSize>` of InvalidRange, in bytes. */
  readonly objectSize: number | undefined;
  /** `<Region>` of AuthorizationHeaderMalformed. */
  readonly region: string | undefined;
}

const LARGEST_ERROR_BYTES = 64 * 1024;
const LONGEST_READ_MS = 2000;

/**
 * Reads an error body to its end, up to 64 KiB and the time; one that breaks, is larger or takes longer yields what was
 * read. Never throws.
 */
export async function readS3Error(response: S3Response, timeoutMs = LONGEST_READ_MS): Promise<S3Error> {
  const xml = await readText(response, timeoutMs);
  return {
    code: pick(xml, /<Code>([A-Za-z0-9.]{1,64})<\/Code>/),
    objectSize: toSize(pick(xml, /<ActualObjectSize>(\d{1,15})<\/ActualObjectSize>/)),
    region: pick(xml, /<Region>([a-z0-9-]{1,64})<\/Region>/),
  };
}

function readText(response: S3Response, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (): void => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const giveUp = (): void => {
      response.discard();
      finish();
    };
    const timer = setTimeout(giveUp, timeoutMs);
    response.readBody({
      onData: (chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LARGEST_ERROR_BYTES) giveUp();
      },
      onEnd: finish,
      onError: finish,
    });
  });
}

function pick(xml: string, pattern: RegExp): string | undefined {
  return pattern.exec(xml)?.[1];
}

function toSize(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
