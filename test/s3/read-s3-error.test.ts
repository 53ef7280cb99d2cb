import { describe, expect, test } from 'vitest';
import { ProxyFailure } from '../../src/failures.ts';
import type { BodySink, S3Response } from '../../src/s3/exchange.ts';
import { readS3Error } from '../../src/s3/read-s3-error.ts';

/** An answer whose body is played by `play`. */
function answer(play: (sink: BodySink) => void): S3Response & { discards: number } {
  const response = {
    head: { statusCode: 400, headers: [] },
    discards: 0,
    readBody: (sink: BodySink) => play(sink),
    pause: () => undefined,
    resume: () => undefined,
    freeChunks: () => undefined,
    discard: () => {
      response.discards += 1;
    },
  };
  return response;
}

function xml(text: string, pieceBytes = 1_000): S3Response {
  return answer((sink) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += pieceBytes) sink.onData(bytes.subarray(at, at + pieceBytes));
    sink.onEnd();
  });
}

const NOTHING = { code: undefined, objectSize: undefined, region: undefined };

test("S3's document", async () => {
  const text =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>é</Message>' +
    '<Region>eu-central-1</Region><ActualObjectSize>5497558138880</ActualObjectSize></Error>';
  const expected = {
    code: 'AuthorizationHeaderMalformed',
    region: 'eu-central-1',
    objectSize: 5_497_558_138_880,
  };
  expect(await readS3Error(xml(text))).toEqual(expected);
  expect(await readS3Error(xml(text, 1))).toEqual(expected);
});

describe('Nothing is taken that could not be right:', () => {
  test.each([
    ['no body', ''],
    ['HTML', '<html><title>502</title></html>'],
    ['an empty code', '<Code></Code>'],
    ['a code with markup', '<Code>A<b/></Code>'],
    ['a code with an entity', '<Code>A&lt;</Code>'],
    ['a code that is too long', `<Code>${'A'.repeat(65)}</Code>`],
    ['a region in capitals', '<Region>EU</Region>'],
    ['a region with a dot, as a host has it', '<Region>evil.example</Region>'],
    ['a size that is none', '<ActualObjectSize>-1</ActualObjectSize>'],
    ['a size beyond exact numbers', '<ActualObjectSize>9999999999999999</ActualObjectSize>'],
  ])('%s', async (_, text) => expect(await readS3Error(xml(text))).toEqual(NOTHING));
});

test('A body that breaks yields what came', async () => {
  const broken = answer((sink) => {
    sink.onData(Buffer.from('<Code>SlowDown</Code>'));
    sink.onError(new ProxyFailure('body_cut'));
  });
  expect(await readS3Error(broken)).toEqual({ ...NOTHING, code: 'SlowDown' });
});

test('A body over 64 KiB is given up once, and yields what came', async () => {
  const long = answer((sink) => {
    sink.onData(Buffer.from('<Code>SlowDown</Code>'));
    sink.onData(Buffer.alloc(40_000));
    sink.onData(Buffer.alloc(40_000));
    // Given up: nothing more is told.
  });
  expect(await readS3Error(long)).toEqual({ ...NOTHING, code: 'SlowDown' });
  expect(long.discards).toBe(1);
});
