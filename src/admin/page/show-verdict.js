import { findElement, showText } from './create-element.js';
import { formatCount, formatMs, formatRate } from './format.js';

/** @import { StatusDocument } from '../status-document.ts' */

const WORDS = /** @type {const} */ ({ ok: 'Good', quiet: 'Quiet', warning: 'Warning', error: 'Trouble' });
const STATES = /** @type {const} */ ({ ok: 'good', quiet: 'quiet', warning: 'warning', error: 'trouble' });
const NAMES = /** @type {const} */ ({
  s3: 'S3',
  credentials: 'Credentials',
  clients: 'Clients',
  daemon: 'This daemon',
});

/** Who is the trouble. @param {StatusDocument} status */
export function showVerdict({ verdict, now, recent }) {
  const { severity, party, headline, parties } = verdict;
  const word = party === null ? WORDS[severity] : `${WORDS[severity]}: ${NAMES[party]}`;
  showSeverity(severity, word, headline);
  announce(word, headline);
  for (const name of /** @type {const} */ (['s3', 'credentials', 'clients', 'daemon'])) {
    const card = findElement(`party-${name}`);
    const opinion = parties[name];
    card.dataset['severity'] = opinion.severity;
    showPart(card, '.word', STATES[opinion.severity]);
    showPart(card, '.sentence', opinion.text);
    showPart(card, '.detail', opinion.detail ?? '');
  }
  showKeyFigure('s3', recent.first_byte_ms.p95, formatMs(recent.first_byte_ms.p95));
  showKeyFigure('clients', recent.requests_per_second, formatRate(recent.requests_per_second));
  showKeyFigure('daemon', now.in_flight, formatCount(now.in_flight));
}

/** What the daemon said last holds no longer. @param {string} reason @param {string} since - when it answered last */
export function showLost(reason, since) {
  showSeverity('quiet', 'No answer', `The daemon does not answer${since}. What is below is old. (${reason})`);
  announce('No answer', 'The daemon does not answer.');
}

/** @param {keyof typeof WORDS} severity @param {string} word @param {string} headline */
function showSeverity(severity, word, headline) {
  findElement('verdict').dataset['severity'] = severity;
  showText(findElement('verdict-word'), word);
  showText(findElement('headline'), headline);
  const title = `${word} – s3-helper`;
  if (document.title !== title) document.title = title;
  const icon = /** @type {HTMLLinkElement} */ (findElement('icon'));
  const file = `page/icon-${severity}.svg`;
  if (icon.getAttribute('href') !== file) icon.href = file;
}

/** The figures change at every look; a screen reader is told when the verdict does. @param {string} word @param {string} headline */
function announce(word, headline) {
  const element = findElement('announcement');
  if (element.dataset['word'] === word) return;
  element.dataset['word'] = word;
  element.textContent = `${word}. ${headline}`;
}

/** @param {HTMLElement} card @param {string} selector @param {string} text */
function showPart(card, selector, text) {
  const element = card.querySelector(selector);
  if (element !== null) showText(element, text);
}

/** @param {string} party @param {number | null} value @param {string} text */
function showKeyFigure(party, value, text) {
  const element = /** @type {HTMLDataElement} */ (findElement(`key-${party}`));
  element.value = value === null ? '' : String(value);
  showText(element, text);
}
