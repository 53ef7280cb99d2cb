import type { BrowserContext, Page } from 'playwright-core';
import type { StatusDocument } from '../../src/admin/status-document.ts';

interface HistoryDocument {
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

/** What the page shows, as far as it is made of figures. */
export interface ShownFigures {
  /** Of the document that it shows. */
  readonly takenAt: string;
  readonly severity: string;
  readonly headline: string;
  readonly parties: Readonly<
    Record<string, { readonly severity: string; readonly sentence: string; readonly detail: string }>
  >;
  /** Values, not texts. */
  readonly figures: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, string>>;
  readonly routes: readonly (readonly string[])[];
  readonly workers: readonly (readonly string[])[];
  readonly legends: Readonly<Record<string, string>>;
}

const READ_FIGURES = `(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const rowValues = (table) => all('#' + table + ' tbody tr').map((row) =>
    [row.querySelector('th').textContent, ...all('data', row).map(({ value }) => value)]);
  return {
    takenAt: document.body.dataset.takenAt,
    severity: document.getElementById('verdict').dataset.severity,
    headline: document.getElementById('headline').textContent,
    parties: Object.fromEntries(all('.party').map((card) => [card.id.replace('party-', ''),
      { severity: card.dataset.severity, sentence: card.querySelector('.sentence').textContent,
        detail: card.querySelector('.detail').textContent }])),
    figures: Object.fromEntries([
      ...all('[data-figure]').map((figure) => [figure.dataset.figure, figure.querySelector('data').value]),
      ...all('.key-figure data').map(({ id, value }) => [id, value]),
    ]),
    outcomes: Object.fromEntries(all('[data-outcome]').map((row) =>
      [row.dataset.outcome, row.querySelector('data').value])),
    routes: rowValues('routes'),
    workers: rowValues('workers'),
    legends: Object.fromEntries(all('.legend data').map((element) => [element.dataset.series, element.value])),
  };
})()`;

/** The status page in a browser, with everything that it asks for and says. */
export class WatchedPage {
  readonly page: Page;
  /** Of every request that the browser made. */
  readonly requestedUrls: string[] = [];
  /** Warnings and errors of the console, and errors that nobody caught. */
  readonly complaints: string[] = [];
  readonly #statuses: Promise<StatusDocument>[] = [];
  readonly #histories: Promise<HistoryDocument>[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() !== 'log') this.complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('response', (response) => {
      if (response.url().includes('/status.json'))
        this.#statuses.push(response.json() as Promise<StatusDocument>);
      if (response.url().includes('/history.json'))
        this.#histories.push(response.json() as Promise<HistoryDocument>);
    });
  }

  static async open(context: BrowserContext, url: string): Promise<WatchedPage> {
    const watched = new WatchedPage(await context.newPage());
    context.on('request', (request) => watched.requestedUrls.push(request.url()));
    await watched.page.goto(url);
    await watched.page.locator('#connection[data-state=live]').waitFor();
    return watched;
  }

  /** What it shows now, the document that it shows, and the newest values of the history it was given by then. */
  async read(): Promise<{
    readonly shown: ShownFigures;
    readonly status: StatusDocument;
    readonly newest: Readonly<Record<string, number | null>>;
  }> {
    const shown = await this.page.evaluate<ShownFigures>(READ_FIGURES);
    const statuses = await Promise.all(this.#statuses);
    const index = statuses.findIndex(({ taken_at: takenAt }) => takenAt === shown.takenAt);
    const status = statuses[index];
    if (status === undefined) throw new Error('the page shows what it was not told');
    // Both are asked for at a time, so the n-th of the one goes with the n-th of the other.
    const histories = await Promise.all(this.#histories.slice(0, index + 1));
    const last = histories.findLast(({ series }) => series['at']?.length);
    const newest = Object.entries(last?.series ?? {}).map(([name, values]) => [name, values.at(-1) ?? null]);
    return { shown, status, newest: Object.fromEntries(newest) as Record<string, number | null> };
  }

  /** Waits until it shows another answer of the daemon. */
  async untilNext(): Promise<void> {
    const known = await this.page.evaluate<string>('document.body.dataset.takenAt');
    const isOther = `document.body.dataset.takenAt !== ${JSON.stringify(known)}`;
    await this.untilTrue(isOther, 'another answer of the daemon');
  }

  /** Asks again and again, as Playwright's own wait is what the page's Content-Security-Policy forbids. */
  async untilTrue(expression: string, awaited: string, deadlineMs = 30_000): Promise<void> {
    const endsAt = performance.now() + deadlineMs;
    while (!(await this.page.evaluate<boolean>(expression))) {
      if (performance.now() > endsAt) throw new Error(`${awaited} did not show within ${deadlineMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until what it is told fulfils the condition. */
  async until(
    condition: (shown: ShownFigures) => boolean,
    awaited: string,
    deadlineMs = 30_000,
  ): Promise<ShownFigures> {
    const endsAt = performance.now() + deadlineMs;
    for (;;) {
      const shown = await this.page.evaluate<ShownFigures>(READ_FIGURES);
      if (condition(shown)) return shown;
      if (performance.now() > endsAt) {
        throw new Error(`${awaited} did not show within ${deadlineMs} ms, but ${JSON.stringify(shown)}`);
      }
      await this.untilNext();
    }
  }
}
