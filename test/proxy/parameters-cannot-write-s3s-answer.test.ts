import { expect, test } from 'vitest';
import { useScene } from '../support/open-scene.ts';

const scene = useScene();

test.each([
  '%0d%0aCache-Control:%20public',
  '%0d%0a%0d%0aHTTP/1.1%20200%20OK',
  '%0a',
  '%0D',
  '%00',
  '%7f',
  '%09',
])(
  'Control characters in a parameter, which S3 would write into its head, are refused: %s',
  async (value) => {
    scene.s3.put('a', 'object');
    for (const name of ['response-content-type', 'response-content-disposition', 'versionId']) {
      expect(await scene.ask(`/a?${name}=x${value}`)).toMatchObject({ status: 400, isComplete: true });
      expect(await scene.proxy.nextReport()).toMatchObject({ failure: 'bad_percent_encoding' });
    }
    expect(scene.s3.seen).toEqual([]);
  },
);

test('In parameters that are dropped they do not matter.', async () => {
  scene.s3.put('a', 'object');
  expect(await scene.ask('/a?other=%0d%0a')).toMatchObject({ status: 200, text: 'object' });
});
