/** Sentences for the codes of S3 that a client meets in ordinary life; any other gets a general one. */
const TEXT_BY_CODE: ReadonlyMap<string, string> = new Map([
  ['AccessDenied', 'S3 denies access to this object (or it is missing and listing is not permitted).'],
  ['InvalidRange', 'The requested range lies outside the object.'],
  ['NoSuchBucket', 'The bucket does not exist.'],
  ['NoSuchKey', 'The object does not exist.'],
  ['NoSuchVersion', 'This version of the object does not exist.'],
  ['PreconditionFailed', 'A condition of the request does not hold for the object.'],
  ['ServiceUnavailable', 'S3 is not available at the moment.'],
  ['SlowDown', 'S3 asks for fewer requests.'],
]);

/** Codes for the statuses that come without one, as those of a HEAD do. */
const CODE_BY_STATUS: ReadonlyMap<number, string> = new Map([
  [403, 'AccessDenied'],
  [404, 'NoSuchKey'],
  [412, 'PreconditionFailed'],
  [416, 'InvalidRange'],
  [503, 'ServiceUnavailable'],
]);

/** An error of S3, in our own words. @param code - as S3 said it, or undefined */
export function describeS3Error(
  statusCode: number,
  code: string | undefined,
): { code: string; text: string } {
  const known = code ?? CODE_BY_STATUS.get(statusCode) ?? 'S3Error';
  return { code: known, text: TEXT_BY_CODE.get(known) ?? `S3 answered with status ${statusCode}.` };
}

/**
 * A small error document of S3's shape. Nothing in it comes from a client or, but for the code, from S3.
 * @param code - letters, digits and dots. @param text - without XML's special characters
 */
export function createErrorBody(code: string, text: string, requestId: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${code}</Code><Message>${text}</Message><RequestId>${requestId}</RequestId></Error>\n`
  );
}
