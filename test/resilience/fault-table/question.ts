/** The object that every cell asks for. */
export const OBJECT_BYTES = 100_000;
export const OBJECT_ETAG = '"9b2cf535f27731c974343645a3985328-1"';

/** A way to ask for an object: one column of the fault table. */
export interface Question {
  readonly name: 'GET' | 'HEAD' | 'range' | 'suffix range' | 'If-None-Match' | 'If-Match';
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  /** Of S3's right answer. */
  readonly status: 200 | 206;
  /** Offset in the object of the right answer's first byte. */
  readonly first: number;
  /** Bytes of the right answer's body, by GET. */
  readonly length: number;
}

const WHOLE = { method: 'GET', headers: {}, status: 200, first: 0, length: OBJECT_BYTES } as const;

export const QUESTIONS: readonly Question[] = [
  { ...WHOLE, name: 'GET' },
  { ...WHOLE, name: 'HEAD', method: 'HEAD' },
  {
    ...WHOLE,
    ...{ name: 'range', headers: { Range: 'bytes=1000-60999' } },
    ...{ status: 206, first: 1000, length: 60_000 },
  },
  {
    ...WHOLE,
    ...{ name: 'suffix range', headers: { Range: 'bytes=-50000' } },
    ...{ status: 206, first: OBJECT_BYTES - 50_000, length: 50_000 },
  },
  // Neither condition keeps the object back.
  { ...WHOLE, name: 'If-None-Match', headers: { 'If-None-Match': '"another"' } },
  { ...WHOLE, name: 'If-Match', headers: { 'If-Match': OBJECT_ETAG } },
];
