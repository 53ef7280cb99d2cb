import axe, { type AxeResults } from 'axe-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LoadClient } from '../admin/load-client.ts';
import { openBrowser } from '../admin/open-browser.ts';
import { WatchedPage } from '../admin/watched-page.ts';
import { findFreePort } from '../../src/demo/find-free-port.ts';
import { FAKE_CREDENTIAL, type FakeS3, startFakeS3 } from '../servers/fake-s3.ts';
import { type FakeImds, startFakeImds } from '../servers/fake-imds.ts';
import { findSecrets } from '../support/open-scene.ts';
import { type RunningProgram, startProgram } from '../support/start-program.ts';

const HOUR_MS = 3_600_000;
const REQUESTS_PER_SECOND = 80;
const TARGETS = ['/films/a.mp4', '/films/b.mp4', '/avod/spot.mp4', '/films/c.mp4'];

/** SCREENSHOTS=1 keeps pictures for the documentation, of a daemon that has run for this long. */
const KEEPS_SCREENSHOTS = process.env['SCREENSHOTS'] === '1';
const RUN_BEFORE_PICTURES_MS = 240_000;
const IMAGES = join(import.meta.dirname, '../../docs/images');

const COUNTDOWN = `document.querySelector('#credentials .countdown').textContent`;

const KEYS = {
  accessKeyId: FAKE_CREDENTIAL.accessKeyId,
  secretAccessKey: FAKE_CREDENTIAL.secretAccessKey,
  sessionToken: FAKE_CREDENTIAL.sessionToken ?? '',
  issuedAtMs: Date.now(),
  expiresAtMs: Date.now() + 6 * HOUR_MS,
};

describe('The status page in Chromium', () => {
  let s3: FakeS3;
  let imds: FakeImds;
  let program: RunningProgram;
  let load: LoadClient;
  let origin: string;
  let watched: WatchedPage;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    s3 = await startFakeS3();
    closers.push(() => s3.close());
    for (const key of ['films/a.mp4', 'films/b.mp4', 'films/c.mp4', 'ads/spot.mp4'])
      s3.put(key, { size: 100_000 });
    imds = await startFakeImds({ roleName: 'media', region: s3.region, credentials: () => KEYS });
    closers.push(() => imds.close());
    program = await startProgram({
      yaml: `
listen: 127.0.0.1:${await findFreePort(8080)}
workers: 2
timeouts: {connect: 10s, first_byte: 20s}
admin: {listen: 127.0.0.1:0}
s3: {bucket: ${s3.bucket}, region: ${s3.region}, endpoint: "${s3.endpoint}"}
routes: [{path: /avod/, bucket: ${s3.bucket}, prefix: ads}]
`,
      environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.endpoint },
    });
    closers.push(() => program.stop());
    const listening = program.logLines.find(({ msg }) => msg === 'listening');
    origin = `http://${String(listening?.['admin'])}`;
    load = new LoadClient(program.port, TARGETS, REQUESTS_PER_SECOND);
    closers.push(() => load.stop());
    const browser = await openBrowser();
    closers.push(() => browser.close());
    watched = await WatchedPage.open(browser.context, `${origin}/`);
  });

  afterAll(async () => {
    // In the order in which the one needs the other; what did not start needs no end.
    for (const close of closers.toReversed()) await close();
  });

  test('shows the figures of /status.json and of the history, of both workers.', async () => {
    await watched.until(({ figures }) => Number(figures['requests']) > 300, 'requests of some seconds');
    await watched.untilNext();
    const { shown, status, newest } = await watched.read();
    expect(shown).toMatchObject({
      severity: status.verdict.severity,
      headline: status.verdict.headline,
      figures: {
        requests: String(status.recent.requests),
        bytes_per_second: String(status.recent.bytes_per_second),
        first_byte_p50: String(status.recent.first_byte_ms.p50),
        first_byte_p99: String(status.recent.first_byte_ms.p99),
        total_p50: String(status.recent.total_ms.p50),
        total_p99: String(status.recent.total_ms.p99),
        retries: String(status.recent.retries),
        hedges_sent: String(status.recent.hedges_sent),
        hedges_won: String(status.recent.hedges_won),
        resumes: String(status.recent.resumes),
        queued: String(status.now.queued),
        s3_connections_open: String(status.now.s3_connections_open),
        'key-s3': String(status.recent.first_byte_ms.p95),
        'key-clients': String(status.recent.requests_per_second),
        'key-daemon': String(status.now.in_flight),
      },
      outcomes: { ok: String(status.recent.outcomes.ok) },
    });
    for (const [party, { severity, text, detail }] of Object.entries(status.verdict.parties))
      expect(shown.parties[party]).toEqual({ severity, sentence: text, detail: detail ?? '' });
    expect(shown.routes.map((row) => [row[0], row[1], row.at(-2), row.at(-1)])).toEqual(
      status.routes.map((route) =>
        [route.path, route.requests_per_second, route.requests, route.bytes].map(String),
      ),
    );
    expect(shown.workers).toEqual(
      status.workers.map((worker) =>
        [worker.pid, worker.in_flight, worker.requests, worker.cpu_share, worker.resident_bytes].map(String),
      ),
    );
    expect(status.workers).toHaveLength(2);
    expect(Object.keys(shown.legends).length).toBeGreaterThan(20);
    for (const [name, value] of Object.entries(shown.legends))
      expect([name, value]).toEqual([name, newest[name] === null ? '' : String(newest[name])]);
  });

  test('says that all is well, and what it says is what was done.', async () => {
    const { shown, status } = await watched.read();
    expect(shown.severity).toBe('ok');
    expect(status.totals).toMatchObject({
      failures: {},
      statuses: { '200': status.totals.requests },
      bytes: status.totals.requests * 100_000,
    });
    expect(shown.headline).toMatch(/^All is well: \d+ requests a second/);
    expect(await watched.page.title()).toBe('Good – s3-helper');
  });

  test('has plots that move.', async () => {
    const { page } = watched;
    const readPlots = (): Promise<string[]> =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('.plot-canvas canvas')].map((canvas) => canvas.toDataURL())`,
      );
    const before = await readPlots();
    load.rate = REQUESTS_PER_SECOND / 4;
    for (let look = 0; look < 3; look += 1) await watched.untilNext();
    const after = await readPlots();
    load.rate = REQUESTS_PER_SECOND;
    expect([before.length, after.length]).toEqual([8, 8]);
    expect(before.map((picture, index) => picture !== after[index])).toEqual(before.map(() => true));
    // Something is drawn in the colour of the series, not only axes.
    const colours = await page.evaluate<number>(`(() => {
      const canvas = document.querySelector('.plot-canvas canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let blue = 0;
      for (let at = 0; at < data.length; at += 4)
        if (data[at] < 60 && data[at + 2] > 180 && data[at + 3] > 200) blue += 1;
      return blue;
    })()`);
    expect(colours).toBeGreaterThan(50);
  });

  test('counts the life of the credentials down, with source and last refresh.', async () => {
    const countdown = watched.page.locator('#credentials .countdown');
    const before = await countdown.textContent();
    expect(before).toMatch(/^End in 5:\d\d:\d\d$/);
    await watched.untilTrue(`${COUNTDOWN} !== ${JSON.stringify(before)}`, 'another second of the countdown');
    const card = await watched.page.locator('#credentials').innerText();
    expect(card).toMatch(/instance/i);
    expect(card).toMatch(/Last refresh\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(\d+ s ago\)/);
    expect(card).toMatch(/Sign for\s+\/avod\/ \//);
    expect(findSecrets(await watched.page.content())).toEqual([]);
  });

  test('is reached and read with the keyboard alone.', async ({ onTestFinished }) => {
    const { page } = watched;
    onTestFinished(async () => {
      if ((await page.locator('#pause').getAttribute('aria-pressed')) === 'true')
        await page.locator('#pause').click();
    });
    await page.evaluate('document.activeElement.blur(), scrollTo(0, 0)');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('failures-title');

    await page.locator('input[name=span][value="15"]').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('#span-text').textContent()).toBe('5 minutes');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('pause');
    await page.keyboard.press('Space');
    expect(await page.locator('#connection').textContent()).toMatch(/^paused since \d\d:\d\d:\d\d$/);
    const takenAt = await page.evaluate<string>('document.body.dataset.takenAt');

    // Paused, so that nothing moves under the cursor.
    await page.keyboard.press('Tab');
    const plot = page.locator('.plot').first();
    expect(await page.evaluate(`document.activeElement === document.querySelector('.plot-canvas')`)).toBe(
      true,
    );
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    const time = await plot.locator('.plot-time').textContent();
    expect(time).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(await plot.locator('.plot-canvas').getAttribute('aria-label')).toContain(`${time}: requests `);
    // The same moment in all plots.
    expect(await page.locator('.plot-time').allTextContents()).toEqual(Array.from({ length: 8 }, () => time));
    await page.keyboard.press('Escape');
    expect(await plot.locator('.plot-time').textContent()).toBe('');
    expect(await page.evaluate('document.body.dataset.takenAt')).toBe(takenAt);

    await page.locator('#pause').focus();
    await page.keyboard.press('Enter');
    await watched.untilNext();
    expect(await page.locator('#connection').getAttribute('data-state')).toBe('live');

    const reached = new Set<string>();
    await page.evaluate('document.activeElement.blur()');
    const describeFocus = `(({ tagName, id, className, textContent }, all = [...document.querySelectorAll('*')]) =>
      tagName + ' ' + all.indexOf(document.activeElement))(document.activeElement)`;
    const wanted = await page.evaluate<string[]>(`(() => {
      const all = [...document.querySelectorAll('*')];
      return all
        .filter((one) => one.matches('a[href], button, [tabindex="0"], input:checked') && one.checkVisibility())
        .map((one) => one.tagName + ' ' + all.indexOf(one));
    })()`);
    for (let press = 0; press < wanted.length + 5; press += 1) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate<string>(describeFocus));
    }
    expect(wanted.filter((one) => !reached.has(one))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(18);
  });

  test.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 390],
    ['dark', 320],
  ] as const)('keeps the rules of accessibility in %s at a width of %i.', async (colorScheme, width) => {
    const { page } = watched;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await watched.untilNext();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const plotWidths = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.plot-canvas')].map((one) => one.clientWidth - one.querySelector('.uplot').clientWidth)`,
    );
    expect(plotWidths).toEqual(Array.from({ length: 8 }, () => 0));
    await page.evaluate(axe.source);
    const { violations, passes } = await page.evaluate<AxeResults>(
      `axe.run(document, { resultTypes: ['violations'] })`,
    );
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    expect(passes.length).toBeGreaterThan(15);
    await page.setViewportSize({ width: 1440, height: 1080 });
    await page.emulateMedia({ colorScheme: 'light' });
  });

  if (KEEPS_SCREENSHOTS) {
    test('is pictured while all is well.', { timeout: RUN_BEFORE_PICTURES_MS + 60_000 }, async () => {
      const { page } = watched;
      const endsAt = performance.now() + RUN_BEFORE_PICTURES_MS;
      for (let look = 0; performance.now() < endsAt; look += 1) {
        load.rate = REQUESTS_PER_SECOND * (1 + 0.5 * Math.sin(look / 9));
        await watched.untilNext();
      }
      await page.evaluate('document.activeElement.blur()');
      await page.emulateMedia({ colorScheme: 'dark' });
      await watched.untilNext();
      await page.screenshot({ path: join(IMAGES, 'status-dark.png') });
      await page.emulateMedia({ colorScheme: 'light' });
    });
  }

  test('names S3 when S3 fails, and shows its request ids.', { timeout: 120_000 }, async () => {
    const { page } = watched;
    s3.inject({ kind: 'status', status: 503, code: 'SlowDown' }, { key: 'films/a.mp4', times: Infinity });
    s3.inject({ kind: 'reset', at: 50_000 }, { key: 'films/b.mp4', times: 30 });
    await watched.until(({ severity }) => severity === 'error', 'the failure of S3');
    const { shown, status } = await watched.read();
    expect(shown.headline).toMatch(/^S3 fails: .*SlowDown \d+/);
    expect(await page.title()).toBe('Trouble: S3 – s3-helper');
    expect(await page.locator('#announcement').textContent()).toMatch(/^Trouble: S3\. S3 fails/);
    expect(shown.outcomes['s3']).toBe(String(status.recent.outcomes.s3));
    expect(Number(shown.figures['resumes'])).toBeGreaterThan(0);
    expect(Number(shown.figures['retries'])).toBeGreaterThan(0);
    expect(Number(shown.legends['s3_per_second'])).toBeGreaterThan(0);

    const rows = page.locator('#failures tbody tr');
    expect(await rows.count()).toBe(status.last_failures.length);
    const failure = status.last_failures[0];
    const row = await rows.first().innerText();
    for (const text of [failure?.request_id, failure?.s3_request_id, failure?.s3_host_id, 'SlowDown', '503'])
      expect(row).toContain(text);
    expect(s3.seen.length).toBeGreaterThan(0);
    if (KEEPS_SCREENSHOTS) {
      for (let look = 0; look < 12; look += 1) await watched.untilNext();
      await page.setViewportSize({ width: 1440, height: 1520 });
      await watched.untilNext();
      await page.screenshot({ path: join(IMAGES, 'status-light.png') });
      await page.setViewportSize({ width: 390, height: 1200 });
      await watched.untilNext();
      await page.screenshot({ path: join(IMAGES, 'status-phone.png') });
      await page.setViewportSize({ width: 1440, height: 1080 });
    }
    s3.clearFaults();
  });

  test('keeps a selection in the last failures while nothing new fails.', async () => {
    const { page } = watched;
    await watched.untilNext();
    await watched.untilNext();
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('#failures code'))`);
    const selected = await page.evaluate<string>('String(getSelection())');
    await watched.untilNext();
    expect(selected).not.toBe('');
    expect(await page.evaluate('String(getSelection())')).toBe(selected);
  });

  test('says that the credentials are past their end, and since when.', { timeout: 90_000 }, async () => {
    const { page } = watched;
    const before = (await watched.read()).status.totals.requests;
    KEYS.expiresAtMs = Date.now() + 6000;
    const fetches = imds.credentialFetches;
    program.signal('SIGHUP');
    await watched.untilTrue(`/^End in 0:0/.test(${COUNTDOWN})`, 'credentials of a short life');
    expect(imds.credentialFetches).toBeGreaterThan(fetches);
    imds.inject({ kind: 'status', status: 500 });
    await watched.untilTrue(`/^Ended 0:0\\d ago$/.test(${COUNTDOWN})`, 'the end of the credentials');
    await watched.until(
      ({ parties }) => /ended/.test(parties['credentials']?.sentence ?? ''),
      'degraded credentials',
    );
    const card = page.locator('#credentials article');
    expect(await card.getAttribute('data-severity')).toBe('warning');
    expect(await card.innerText()).toMatch(/Last error\s+instance metadata \(IMDSv2\): .{20}/);
    expect(await page.locator('#key-credentials-label').textContent()).toBe('since they ended');
    expect(await page.locator('#checks .check[data-status=warn]').count()).toBe(1);
    // SIGHUP has replaced both workers: what the old ones counted is still there.
    const { status } = await watched.read();
    expect(status.totals.requests).toBeGreaterThan(before);
    expect(status.credentials[0]).toMatchObject({ is_degraded: true });
    imds.recover();
  });

  test('has asked nobody but the daemon, and has not complained once.', () => {
    expect(watched.complaints).toEqual([]);
    const foreign = watched.requestedUrls.filter((url) => !url.startsWith(`${origin}/`));
    expect(foreign).toEqual([]);
    expect(watched.requestedUrls.length).toBeGreaterThan(30);
    const paths = new Set(watched.requestedUrls.map((url) => new URL(url).pathname));
    for (const path of [
      '/',
      '/page/main.js',
      '/page/uplot.js',
      '/page/page.css',
      '/status.json',
      '/history.json',
    ])
      expect(paths).toContain(path);
    const html = readFileSync(join(import.meta.dirname, '../../src/admin/page/page.html'), 'utf8');
    expect(html).not.toMatch(/https?:|style=|\son\w+=|<script>/);
  });

  test('says so when the daemon answers no more.', async () => {
    const { page } = watched;
    await load.stop();
    await program.stop();
    await page.locator('#connection[data-state=lost]').waitFor();
    expect(await page.locator('#headline').textContent()).toMatch(
      /^The daemon does not answer since \d\d:\d\d:\d\d\. What is below is old\./,
    );
    expect(await page.title()).toBe('No answer – s3-helper');
  });
});
