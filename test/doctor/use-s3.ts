import { afterEach, beforeEach } from 'vitest';
import { type FakeS3, type FakeS3Options, startFakeS3 } from '../servers/fake-s3.ts';

/** A fake S3 with one object, `show/clip.mp4`, new for every test. */
export function useS3(options: FakeS3Options = {}): { readonly current: FakeS3 } {
  let s3: FakeS3 | undefined;
  beforeEach(async () => {
    s3 = await startFakeS3(options);
    s3.put('show/clip.mp4', 'a short film');
  });
  afterEach(() => s3?.close());
  return {
    get current() {
      if (s3 === undefined) throw new Error('the S3 exists inside of tests only');
      return s3;
    },
  };
}
