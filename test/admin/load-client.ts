import { Agent } from 'node:http';
import { sendRequest } from '../support/send-request.ts';

const BURSTS_PER_SECOND = 20;

/** Clients that ask at a rate, over kept connections, until they are stopped. */
export class LoadClient {
  readonly #port: number;
  readonly #targets: readonly string[];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #underway = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  /** Requests a second; may be changed. */
  rate: number;

  constructor(port: number, targets: readonly string[], rate: number) {
    this.#port = port;
    this.#targets = targets;
    this.rate = rate;
    this.#timer = setInterval(() => this.#burst(), 1000 / BURSTS_PER_SECOND);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underway);
    this.#agent.destroy();
  }

  #burst(): void {
    for (let left = Math.round(this.rate / BURSTS_PER_SECOND); left > 0; left -= 1) {
      const target = this.#targets[this.#count % this.#targets.length] ?? '/';
      this.#count += 1;
      // What becomes of it is in the figures.
      const answered = sendRequest(this.#port, target, { agent: this.#agent, deadlineMs: 30_000 }).catch(
        () => undefined,
      );
      this.#underway.add(answered);
      void answered.finally(() => this.#underway.delete(answered));
    }
  }
}
