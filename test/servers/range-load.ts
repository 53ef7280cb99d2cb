import { Agent } from 'node:http';
import { sendRequest } from '../support/send-request.ts';
import { virtualBytes } from './fake-s3-virtual-bytes.ts';

export interface RangeLoadOptions {
  readonly port: number;
  /** Of an object that holds `virtualBytes`. */
  readonly target: string;
  readonly objectBytes: number;
  readonly rangeBytes: number;
  readonly requestsPerSecond: number;
}

export interface RangeLoadResult {
  readonly sent: number;
  /** Per second, as far as the machine kept up. */
  readonly rate: number;
  /** What was wrong, one for each request that was not answered with the right bytes. */
  readonly failures: readonly string[];
  readonly slowestMs: number;
}

const TICK_MS = 10;
/** Seconds of a pause. Beyond that the machine is too slow for the rate, and more would only fill nginx's tables. */
const MOST_UNDER_WAY = 800;
const DEADLINE_MS = 30_000;

/**
 * Asks for ranges at a steady rate, whether or not earlier requests are answered, as players do; a client that waits for
 * its answers would not see what a pause does.
 */
export class RangeLoad {
  readonly #options: RangeLoadOptions;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timer: NodeJS.Timeout;
  readonly #startedAtMs = performance.now();
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  #sent = 0;
  /** Not sent when their time had come. */
  #held = 0;
  #slowestMs = 0;

  constructor(options: RangeLoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#catchUp(), TICK_MS);
  }

  /** How many were sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Waits for the last answer. */
  async stop(): Promise<RangeLoadResult> {
    clearInterval(this.#timer);
    const stoppedAtMs = performance.now();
    await Promise.all(this.#underWay);
    this.#agent.destroy();
    const rate = (this.#sent / (stoppedAtMs - this.#startedAtMs)) * 1000;
    return { sent: this.#sent, rate, failures: this.#failures, slowestMs: this.#slowestMs };
  }

  #catchUp(): void {
    const { requestsPerSecond } = this.#options;
    const due = ((performance.now() - this.#startedAtMs) / 1000) * requestsPerSecond;
    while (this.#sent + this.#held < due) {
      if (this.#underWay.size >= MOST_UNDER_WAY) {
        this.#held += 1;
        continue;
      }
      this.#sent += 1;
      const asked = this.#ask(this.#sent).finally(() => this.#underWay.delete(asked));
      this.#underWay.add(asked);
    }
  }

  /** Never rejects. */
  async #ask(number: number): Promise<void> {
    const { port, target, objectBytes, rangeBytes } = this.#options;
    // Spread over the object; 7 919 is prime.
    const first = (number * rangeBytes * 7919) % (objectBytes - rangeBytes);
    const headers = { Range: `bytes=${first}-${first + rangeBytes - 1}` };
    const askedAtMs = performance.now();
    try {
      const ask = { headers, agent: this.#agent, deadlineMs: DEADLINE_MS };
      const { status, body, isComplete } = await sendRequest(port, target, ask);
      if (status !== 206 || !isComplete) this.#failures.push(`${number}: status ${status}`);
      else if (!body.equals(virtualBytes(first, rangeBytes))) this.#failures.push(`${number}: other bytes`);
    } catch (error) {
      this.#failures.push(`${number}: ${String(error)}`);
    }
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - askedAtMs);
  }
}
