import { createElement, findElement } from './create-element.js';
import { formatMs, formatTime } from './format.js';
import { showRows } from './show-tables.js';

/**
 * @import { StatusDocument } from '../status-document.ts'
 * @typedef {StatusDocument['last_failures'][number]} Failure
 */

/** What S3's support asks for, and what the log has. @param {StatusDocument} status */
export function showFailures({ last_failures: failures }) {
  findElement('failures').hidden = failures.length === 0;
  findElement('failures-none').hidden = failures.length > 0;
  showRows('failures', failures, (failure) => [
    cell('Time (UTC)', createElement('time', { datetime: failure.ended_at }, formatTime(failure.ended_at))),
    cell('Status', String(failure.status)),
    cell('Failure', ...describeFailure(failure)),
    cell('Request', ...describeRequest(failure)),
    cell('S3', describeS3(failure)),
    cell('S3’s ids', ...describeIds(failure)),
    numberCell('Attempts', String(failure.attempts)),
    numberCell('Took', formatMs(failure.total_ms)),
  ]);
}

/** @param {Failure} failure */
function describeFailure({ failure, s3_error_code: code, cause }) {
  const name = createElement('strong', {}, failure ?? code ?? 'an answer of S3');
  return cause === null ? [name] : [name, createElement('small', {}, cause)];
}

/** @param {Failure} failure */
function describeRequest({ method, key, request_id: requestId }) {
  return [
    createElement('span', { class: 'target' }, `${method ?? ''} ${key ?? ''}`.trim() || '–'),
    createElement('code', { title: 'request_id in the log' }, requestId),
  ];
}

/** @param {Failure} failure */
function describeS3({ s3_status: status, s3_error_code: code }) {
  return [status, code].filter((part) => part !== null).join(' ') || '–';
}

/** @param {Failure} failure */
function describeIds({ s3_request_id: requestId, s3_host_id: hostId }) {
  const ids = [requestId, hostId].filter((id) => id !== null);
  return ids.length === 0 ? ['–'] : ids.map((id) => createElement('code', {}, id));
}

/** On a narrow screen each row is a card, and each cell says what it is. @param {string} label @param {(Node | string)[]} children */
function cell(label, ...children) {
  return createElement('td', { 'data-label': label }, ...children);
}

/** @param {string} label @param {string} text */
function numberCell(label, text) {
  return createElement('td', { 'data-label': label, class: 'number' }, text);
}
