import type { FakeS3 } from '../servers/fake-s3.ts';
import { virtualBytes } from '../servers/fake-s3-virtual-bytes.ts';
import { parseResponse } from '../support/parse-response.ts';
import type { FuzzedObject } from './check-answer.ts';
import { checkAnswers, leastAnswers } from './check-answers.ts';
import { cutIntoPieces, playConnection, type PlayedReceived } from './fuzz-connection.ts';
import { makeNoise, mutateRequest } from './mutate-request.ts';
import { Random } from './random.ts';
import { type Reading, readRequests } from './read-requests.ts';
import { GOOD_REQUESTS, SMUGGLING_REQUESTS } from './request-seeds.ts';

export interface FuzzPlan {
  readonly port: number;
  readonly s3: FakeS3;
  /** Put before every key. */
  readonly prefix: string;
  readonly seed: number;
  /** Hostile inputs to send in all. */
  readonly inputs: number;
  /** The connection to begin with: 0, unless one is played again. */
  readonly firstConnection: number;
  /** Asked now and then; throws where something is wrong that no client sees. */
  readonly check: () => void;
}

export interface FuzzResult {
  readonly inputs: number;
  readonly connections: number;
  readonly answers: number;
}

const CONNECTIONS_AT_ONCE = 32;
const CONNECTIONS_PER_CHECK = 500;
const OBJECT_BYTES = 40_000;
/** Parts of what `virtualBytes` can give, none of them a witness's. */
const OBJECTS = 16_000;
const MOST_MESSAGES = 8;
/** How long a head may take to come, by the daemon's settings. */
export const HEAD_TIMEOUT_MS = 4000;
/** To see the end of such a head, with some time for the machine's other work. */
const DEADLINE_MS = 20_000;
/** Of those who send half a head and stay, which takes that long. */
const STAYING_SHARE = 0.03;
/** The daemon must end such a connection. */
const CLOSING: ReadonlySet<Reading['end']> = new Set<Reading['end']>(['refused', 'closed', 'ignored']);

/** Plays hostile connections, many at once, until so many inputs were sent. @throws {Error} which says how to play one again */
export async function fuzzListener(plan: FuzzPlan): Promise<FuzzResult> {
  let next = plan.firstConnection;
  const total = { inputs: 0, connections: 0, answers: 0 };
  const playUntilDone = async (): Promise<void> => {
    while (total.inputs < plan.inputs) {
      const index = next++;
      const { inputs, answers } = await playHostile(plan, index);
      total.inputs += inputs;
      total.answers += answers;
      total.connections += 1;
      if (total.connections % CONNECTIONS_PER_CHECK === 0) plan.check();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, playUntilDone));
  plan.check();
  return total;
}

async function playHostile(plan: FuzzPlan, index: number): Promise<{ inputs: number; answers: number }> {
  const random = new Random(plan.seed, index);
  const object = putObject(plan, index, random);
  const messages = writeMessages(object, random);
  const text = messages.map((message) => message.text).join('');
  const reading = readRequests(text);
  const isLeaver = random.chance(0.05);
  const pieces = cutIntoPieces(Buffer.from(text, 'latin1'), random);
  let received: PlayedReceived | undefined;
  try {
    received = await playConnection({
      port: plan.port,
      pieces,
      isSatisfied: (bytes) => isSatisfied(bytes, reading),
      leaving: chooseLeaving(reading, random),
      leavesAfter: isLeaver ? random.below(pieces.length + 1) : undefined,
      deadlineMs: DEADLINE_MS,
    });
    // On a machine that is busy with other things, a head in single bytes takes so long that it is refused for that.
    if (received.sendingMs > HEAD_TIMEOUT_MS / 2) return { inputs: 0, answers: 0 };
    const answers = checkAnswers(received, reading, object);
    // A RST, which follows where more was sent than is read, can overtake answers.
    const mayMiss = isLeaver || (received.closedBy === 'reset' && reading.end !== 'nothing');
    if (answers < leastAnswers(reading) && !mayMiss)
      throw new Error(
        `${answers} answers to ${reading.requests.length} requests; closed by ${received.closedBy ?? 'nobody'}`,
      );
    return { inputs: countInputs(messages, reading), answers };
  } catch (error) {
    const again = `FUZZ_SEED=${plan.seed} FUZZ_CONNECTION=${index} FUZZ_INPUTS=1`;
    const came = received?.bytes.toString('latin1') ?? '';
    const account = `reads as ${JSON.stringify(reading)}\nsent ${quote(text)}\ncame ${quote(came)}`;
    throw new Error(`${String(error)}\n${again}\n${account}`, { cause: error });
  } finally {
    plan.s3.objects.delete(plan.prefix + object.key);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 4000 ? `${text.slice(0, 4000)}…` : text);
}

/** No two connections that are open at the same time have the same key, or any bytes in common. */
function putObject({ s3, prefix }: FuzzPlan, index: number, random: Random): FuzzedObject {
  const key = `fuzz-${index}-${random.below(2 ** 32).toString(16)}`;
  const base = (index % OBJECTS) * 2 ** 20;
  const fill = (offset: number, length: number): Buffer => virtualBytes(base + offset, length);
  const { etag } = s3.put(prefix + key, { size: OBJECT_BYTES, fill }, { etag: `"${key}"` });
  return { key, etag, base, size: OBJECT_BYTES };
}

interface Message {
  readonly text: string;
  readonly isHostile: boolean;
}

function writeMessages(object: FuzzedObject, random: Random): Message[] {
  return Array.from({ length: 1 + random.below(MOST_MESSAGES) }, () => {
    const good = random.pick(GOOD_REQUESTS)(object, random);
    const way = random.below(20);
    if (way < 6) return { text: good, isHostile: false };
    if (way < 16) return { text: mutateRequest(good, random), isHostile: true };
    if (way === 16) return { text: makeNoise(random), isHostile: true };
    const smuggling = random.pick(SMUGGLING_REQUESTS)(object, random);
    return { text: way < 19 ? smuggling : mutateRequest(smuggling, random), isHostile: true };
  });
}

/** Those that the daemon has to read. */
function countInputs(messages: readonly Message[], { endsAt }: Reading): number {
  let count = 0;
  let at = 0;
  for (const { text, isHostile } of messages) {
    if (isHostile && at <= endsAt) count += 1;
    at += text.length;
  }
  return count;
}

function isSatisfied(received: Buffer, { requests, end }: Reading): boolean {
  if (CLOSING.has(end)) return false;
  let rest = received;
  for (const { method } of requests) {
    const answer = parseResponse(rest, { method: method === 'HEAD' ? 'HEAD' : 'GET', isEnded: false });
    if (answer === undefined) return false;
    rest = rest.subarray(answer.byteLength);
  }
  return true;
}

/** A daemon closes a connection with half a head by itself, soon; one without any only after a long time. */
function chooseLeaving({ end }: Reading, random: Random): 'fin' | 'destroy' | 'stay' {
  if (CLOSING.has(end)) return 'stay';
  if (end === 'unfinished' && random.chance(STAYING_SHARE)) return 'stay';
  return random.chance(0.3) ? 'fin' : 'destroy';
}
