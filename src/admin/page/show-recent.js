import { createElement, createFigure, findElement, showChildren } from './create-element.js';
import { formatBytes, formatCount, formatMs, formatRate, formatShare } from './format.js';

/** @import { StatusDocument } from '../status-document.ts' */

/** What each outcome means, in the order of the table. */
const OUTCOME_TEXTS = /** @type {const} */ ({
  ok: 'well',
  s3: 'S3 failed',
  credentials: 'credentials refused or missing',
  denied: 'S3 denied access',
  s3_4xx: 'another 4xx of S3',
  refused: 'refused by this daemon',
  left: 'the client left',
  daemon: 'this daemon failed',
});

/** The figures of the last minute, and how its requests ended. @param {StatusDocument} status */
export function showRecent({ recent, now }) {
  showFigures(recent, now);
  const outcomes = Object.entries(recent.outcomes).filter(([name, count]) => count > 0 || name === 'ok');
  const body = findElement('outcomes').querySelector('tbody');
  if (body === null) return;
  showChildren(body, [outcomes, recent.reasons], () =>
    outcomes.map(([name, count]) => {
      const text = OUTCOME_TEXTS[/** @type {keyof typeof OUTCOME_TEXTS} */ (name)];
      const reasons = name === 'ok' ? {} : recent.reasons[name];
      return createElement(
        'tr',
        { 'data-outcome': name },
        createElement('th', { scope: 'row' }, text),
        createElement('td', { class: 'number' }, createFigure(count, formatCount(count))),
        createElement('td', { class: 'number' }, formatShare(count, recent.requests)),
        createElement('td', {}, listReasons(reasons ?? {})),
      );
    }),
  );
}

/** @param {StatusDocument['recent']} recent @param {StatusDocument['now']} now */
function showFigures(recent, now) {
  const { first_byte_ms: first, total_ms: total } = recent;
  /** @type {[name: string, label: string, value: number | null, text: string][]} */
  const figures = [
    ['requests', 'Requests', recent.requests, formatCount(recent.requests)],
    ['bytes_per_second', 'Throughput', recent.bytes_per_second, `${formatBytes(recent.bytes_per_second)}/s`],
    ['first_byte_p50', 'First byte, 50 %', first.p50, formatMs(first.p50)],
    ['first_byte_p99', 'First byte, 99 %', first.p99, formatMs(first.p99)],
    ['total_p50', 'Response, 50 %', total.p50, formatMs(total.p50)],
    ['total_p99', 'Response, 99 %', total.p99, formatMs(total.p99)],
    ['retries', 'Retries', recent.retries, formatCount(recent.retries)],
    ['hedges_sent', 'Hedges', recent.hedges_sent, formatCount(recent.hedges_sent)],
    ['hedges_won', 'Hedges won', recent.hedges_won, formatCount(recent.hedges_won)],
    ['resumes', 'Bodies resumed', recent.resumes, formatCount(recent.resumes)],
    ['queued', 'Queued now', now.queued, formatCount(now.queued)],
    ['s3_connections_open', 'S3 connections', now.s3_connections_open, formatRate(now.s3_connections_open)],
  ];
  showChildren(findElement('recent'), figures, () =>
    figures.map(([name, label, value, text]) =>
      createElement(
        'div',
        { 'data-figure': name },
        createElement('dt', {}, label),
        createElement('dd', {}, createFigure(value, text)),
      ),
    ),
  );
}

/** @param {Readonly<Record<string, number>>} reasons */
function listReasons(reasons) {
  return Object.entries(reasons)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
}
