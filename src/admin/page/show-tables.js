import { createElement, createFigure, findElement, showChildren } from './create-element.js';
import { formatBytes, formatCount, formatDuration, formatMs, formatRate, formatShare } from './format.js';

/** @import { StatusDocument } from '../status-document.ts' */

const CHECK_WORDS = /** @type {const} */ ({ pass: 'passes', warn: 'warns', fail: 'fails' });

/** Routes, processes and health checks. @param {StatusDocument} status */
export function showTables({ routes, workers, health, taken_at: takenAt }) {
  showRows('routes', routes, (route) => [
    createElement('th', { scope: 'row' }, route.path),
    cell(route.bucket),
    cell(route.region),
    number(route.requests_per_second, formatRate(route.requests_per_second)),
    number(route.bytes_per_second, `${formatBytes(route.bytes_per_second)}/s`),
    number(route.recent_ok, formatShare(route.recent_ok, route.recent_requests)),
    number(route.first_byte_p95_ms, formatMs(route.first_byte_p95_ms)),
    number(route.requests, formatCount(route.requests)),
    number(route.bytes, formatBytes(route.bytes)),
  ]);
  showRows('workers', workers, (worker) => [
    createElement('th', { scope: 'row' }, worker.pid),
    cell(formatDuration(Date.parse(takenAt) - Date.parse(worker.started_at))),
    number(worker.in_flight, formatCount(worker.in_flight)),
    number(worker.requests, formatCount(worker.requests)),
    number(worker.cpu_share, `${Math.round(worker.cpu_share * 100)} %`),
    number(worker.resident_bytes, formatBytes(worker.resident_bytes)),
  ]);
  showRows('checks', health.checks, (check) => [
    createElement('th', { scope: 'row' }, check.name),
    createElement('td', { class: 'check', 'data-status': check.status }, CHECK_WORDS[check.status]),
    cell(check.text),
  ]);
}

/**
 * @template Row
 * @param {string} id - of the table
 * @param {readonly Row[]} rows
 * @param {(row: Row) => Node[]} createCells
 */
export function showRows(id, rows, createCells) {
  const body = findElement(id).querySelector('tbody');
  if (body === null) return;
  showChildren(body, rows, () => rows.map((row) => createElement('tr', {}, ...createCells(row))));
}

/** @param {string} text */
function cell(text) {
  return createElement('td', {}, text);
}

/** @param {number | null} value @param {string} text */
function number(value, text) {
  return createElement('td', { class: 'number' }, createFigure(value, text));
}
