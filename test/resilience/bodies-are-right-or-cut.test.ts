import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { isRightOrCut, mustBeAbsorbed } from './schedules/model.ts';
import { playSchedule } from './schedules/play-schedule.ts';
import { type Schedule, schedule } from './schedules/schedule.ts';

/** CI plays 2000. */
const SCHEDULES = Number(process.env['BREAK_SCHEDULES'] ?? 200);
const SEED = Number(process.env['BREAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Schedules that are played at a time; most of their time is waiting. */
const AT_ONCE = 16;

let s3: FakeS3;
let played = 0;
/** What came of them. */
const tally = { whole: 0, resumed: 0, cut: 0, refused: 0 };

beforeAll(async () => {
  s3 = await startFakeS3();
  // The pauses before retries are by chance, which is the retry policy's own test.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await s3.close();
});

async function expectRight(plan: Schedule): Promise<void> {
  played += 1;
  const key = `object-${played}`;
  const { answer, versions, seen, report } = await playSchedule(plan, key, s3);
  const view = {
    isRightOrCut: isRightOrCut(answer, plan, versions),
    isSigned: seen.every(({ verdict }) => verdict.ok),
    // The first may meet a connection that was used before and is closed, and is then sent again at once.
    isBounded: report.resumes <= 5 && seen.length <= 1 + (1 + report.resumes) * 3,
    isAbsorbed: !mustBeAbsorbed(plan) || (answer.isComplete && [200, 206, 416].includes(answer.status)),
    bytes: report.bytes === answer.body.length || !answer.isComplete,
  };
  if (!answer.isComplete) tally.cut += 1;
  else if (answer.status >= 400) tally.refused += 1;
  else if (report.resumes > 0) tally.resumed += 1;
  else tally.whole += 1;
  const account = { ...view, status: answer.status, causes: report.causes, failure: report.failure };
  expect(account).toMatchObject({
    isRightOrCut: true,
    isSigned: true,
    isBounded: true,
    isAbsorbed: true,
    bytes: true,
  });
}

/** A stall is found by its own delay, but nothing is left to wait for after that. */
test(
  `Over ${SCHEDULES} schedules of breaks the client's bytes are those of one object, or its connection is cut.`,
  { timeout: 20_000 + SCHEDULES * 150 },
  async () => {
    console.log(`${SCHEDULES} schedules of breaks, BREAK_SEED=${SEED}`);
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) =>
      fc.assert(fc.asyncProperty(schedule, expectRight), {
        numRuns: Math.ceil(SCHEDULES / AT_ONCE),
        seed: SEED + lane,
        // To find a smaller example takes longer than to read this one.
        endOnFailure: true,
      }),
    );
    await Promise.all(lanes);
    console.log(JSON.stringify(tally));
    expect(played).toBeGreaterThanOrEqual(SCHEDULES);
    // Each way to end is common enough to be met.
    expect(Math.min(...Object.values(tally))).toBeGreaterThan(SCHEDULES / 100);
  },
);
