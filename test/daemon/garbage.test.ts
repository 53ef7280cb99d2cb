import type { ServerResponse } from 'node:http';
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { type InFlight, RequestsInFlight } from '../../src/daemon/requests-in-flight.ts';
import { collectGarbage } from '../support/collect-garbage.ts';

const REQUESTS = 2000;
/** What hangs on a request until it is over. */
const NUMBERS_EACH = 1000;

class Request implements InFlight {
  /** Not looked at. */
  readonly response = undefined as unknown as ServerResponse;
  readonly numbers = Array.from({ length: NUMBERS_EACH }, Math.random);
  place = -1;
  cut(): void {
    // Nothing is drained here.
  }
}

function oldSpaceBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')!.space_used_size;
}

/** @param add - takes a request @param remove - when it is over */
function growthOfOldSpace(add: (request: Request) => void, remove: (request: Request) => void): number {
  const serve = (count: number): void => {
    const open: Request[] = [];
    for (let index = 0; index < count; index += 1) {
      const request = new Request();
      add(request);
      open.push(request);
      if (open.length > 16) remove(open.shift()!);
      if (index % 50 === 0) collectGarbage({ type: 'minor' });
    }
    open.forEach(remove);
  };
  serve(REQUESTS / 10);
  collectGarbage({ type: 'major' });
  const before = oldSpaceBytes();
  serve(REQUESTS);
  collectGarbage({ type: 'minor' });
  return oldSpaceBytes() - before;
}

const WHOLE_BYTES = REQUESTS * NUMBERS_EACH * 8;

test('What a request has used is garbage when it is over, and no old garbage keeps it.', () => {
  const inFlight = new RequestsInFlight();
  const growth = growthOfOldSpace(
    (request) => inFlight.add(request),
    (request) => inFlight.remove(request),
  );
  expect(growth).toBeLessThan(WHOLE_BYTES / 4);
});

test('The measure sees what a Set would keep.', () => {
  const set = new Set<Request>();
  const growth = growthOfOldSpace(
    (request) => set.add(request),
    (request) => set.delete(request),
  );
  expect(growth).toBeGreaterThan(WHOLE_BYTES / 2);
});
