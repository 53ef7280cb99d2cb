import type { LookupFunction } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RESILIENT, startProxy, type TestProxy } from '../support/start-proxy.ts';
import { sendRequest } from '../support/send-request.ts';
import { FAKE_CREDENTIAL } from '../servers/fake-s3.ts';
import { S3_CLIENT } from '../support/s3-client.ts';
import { type StagedRequest, type StagedS3, startStagedS3 } from './staged-s3.ts';

const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
/** Nobody listens there. */
const DEAD = '127.0.0.9';

function naming(addresses: readonly string[]): LookupFunction {
  return (_name, { all }, done) => {
    if (all === true)
      done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else done(null, addresses[0] ?? '', 4);
  };
}

async function start(
  addresses: readonly string[],
  onRequest?: (request: StagedRequest) => void,
): Promise<{ s3: StagedS3; proxy: TestProxy }> {
  const s3 = await startStagedS3({ addresses: ADDRESSES, ...(onRequest && { onRequest }) });
  const proxy = await startProxy({
    credentials: FAKE_CREDENTIAL,
    lookup: naming(addresses),
    settings: {
      ...{ ...RESILIENT, 'hedge.enabled': 'false', 's3.bucket': 'media', 's3.region': 'eu-west-1' },
      ...{ 's3.endpoint': `http://s3.test:${s3.port}`, 's3.path_style': 'true' },
    },
  });
  onTestFinished(async () => {
    await proxy.close();
    await s3.close();
  });
  return { s3, proxy };
}

/** undici connects to the first address that answers. */
const CAN_CHOOSE = S3_CLIENT === 'wire';

describe('Of several addresses of S3', () => {
  test('all share the load.', async () => {
    const { s3, proxy } = await start(ADDRESSES);
    const asked = Array.from({ length: 12 }, () => sendRequest(proxy.port, '/a'));
    await s3.waitFor(() => s3.requests.length === 12, 'all requests');
    s3.requests.forEach((request) => request.answer('object'));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    const counts = ADDRESSES.map((ip) => s3.requests.filter(({ address }) => address === ip).length);
    expect(counts).toEqual(CAN_CHOOSE ? [4, 4, 4] : [12, 0, 0]);
  });

  test('one that has just failed is not the one that is asked again.', async () => {
    const { s3, proxy } = await start(ADDRESSES);
    const answered = sendRequest(proxy.port, '/a');
    const first = await s3.request(1);
    first.reset();
    const second = await s3.request(2);
    expect(second.address === first.address).toBe(!CAN_CHOOSE);
    second.answer('object');
    expect(await answered).toMatchObject({ status: 200 });
  });
});

test('A dead address costs no client its answer.', async () => {
  const { proxy } = await start([DEAD, ...ADDRESSES], (request) => request.answer('object'));
  const answers = await Promise.all(Array.from({ length: 40 }, () => sendRequest(proxy.port, '/a')));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const { reports } = proxy;
  expect(reports.map(({ attempts, causes }) => [attempts, causes])).toEqual(reports.map(() => [1, []]));
});
