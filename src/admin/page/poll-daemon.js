/**
 * @import { StatusDocument } from '../status-document.ts'
 * @typedef {{ readonly series: Readonly<Record<string, readonly (number | null)[]>> }} HistoryDocument
 *
 * @typedef {object} PollEvents
 * @property {(status: StatusDocument, history: HistoryDocument) => void} onAnswer
 * @property {(reason: string) => void} onLost - at every question without an answer
 */

const INTERVAL_MS = 2000;
const DEADLINE_MS = 5000;

/** Asks the daemon at an interval while the page can be seen. */
export class DaemonPoll {
  /** @type {PollEvents} */
  #events;
  #lastAt = 0;
  #isPaused = false;
  #isAsking = false;
  /** @type {number | undefined} */
  #timer;

  /** @param {PollEvents} events */
  constructor(events) {
    this.#events = events;
    document.addEventListener('visibilitychange', () => this.#continue());
  }

  /** @param {boolean} isPaused */
  setPaused(isPaused) {
    this.#isPaused = isPaused;
    this.#continue();
  }

  /** Asks now, and then again and again while it is wanted. */
  async ask() {
    this.#isAsking = true;
    try {
      const [status, history] = await Promise.all([
        readJson('status.json'),
        readJson(`history.json?after=${this.#lastAt}`),
      ]);
      if (!this.#isPaused) this.#take(status, history);
    } catch (error) {
      if (!this.#isPaused) this.#events.onLost(error instanceof Error ? error.message : String(error));
    }
    this.#isAsking = false;
    if (this.#isWanted) this.#timer = window.setTimeout(() => void this.ask(), INTERVAL_MS);
  }

  get #isWanted() {
    return !this.#isPaused && !document.hidden;
  }

  #continue() {
    window.clearTimeout(this.#timer);
    if (this.#isWanted && !this.#isAsking) void this.ask();
  }

  /** @param {StatusDocument} status @param {HistoryDocument} history */
  #take(status, history) {
    this.#lastAt = history.series['at']?.at(-1) ?? this.#lastAt;
    // The daemon's clock was put back, and its history began anew.
    if (Date.parse(status.taken_at) / 1000 < this.#lastAt) this.#lastAt = 0;
    this.#events.onAnswer(status, history);
  }
}

/** @param {string} path */
async function readJson(path) {
  const response = await fetch(path, {
    signal: AbortSignal.timeout(DEADLINE_MS),
    cache: 'no-store',
    credentials: 'omit',
  });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  return response.json();
}
