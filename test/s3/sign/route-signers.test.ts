import { describe, expect, it } from 'vitest';
import { createRouteSigners } from '../../../src/s3/sign/route-signers.ts';

const SCOPE = { host: 'bkt.s3.us-east-1.amazonaws.com', region: 'us-east-1', service: 's3' };
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const fail = (): never => {
  throw new Error('no mismatch was to be expected');
};

describe('the signers of all routes', () => {
  it('are one for routes of the same scope, and others for another host, region or service', () => {
    const { forScope } = createRouteSigners(fail);
    const sign = forScope(SCOPE);
    expect(forScope({ ...SCOPE })).toBe(sign);
    const others = [{ host: 'other' }, { region: 'eu-west-1' }, { service: 's3express' }];
    expect(new Set(others.map((other) => forScope({ ...SCOPE, ...other }))).add(sign).size).toBe(4);
  });

  it('are all checked ahead, a hundred of them without one long turn of the event loop', async () => {
    const signers = createRouteSigners(fail);
    const signs = Array.from({ length: 100 }, (_, index) =>
      signers.forScope({ ...SCOPE, host: `bucket${index}` }),
    );
    let turns = 0;
    let isOver = false;
    const countTurns = (): void => {
      turns += 1;
      if (!isOver) setImmediate(countTurns);
    };
    countTurns();
    await signers.check(KEYS);
    isOver = true;
    for (const sign of signs)
      expect(sign({ method: 'GET', path: '/a', query: '' }, KEYS, 0)).toBeInstanceOf(Array);
    // Five fixed requests each, one a turn.
    expect(turns).toBeGreaterThanOrEqual(500);
  });
});
