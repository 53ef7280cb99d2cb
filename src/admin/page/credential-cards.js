import { createElement, findElement, showChildren, showText } from './create-element.js';
import { formatCount, formatCountdown, formatDateTime, formatDuration } from './format.js';

/**
 * @import { StatusDocument } from '../status-document.ts'
 * @typedef {StatusDocument['credentials'][number]} Credential
 */

/** The life of the credentials, counted down between two answers of the daemon. */
export class CredentialCards {
  /** @type {readonly Credential[]} */
  #credentials = [];
  #answeredAtMs = 0;

  constructor() {
    window.setInterval(() => this.#tick(), 1000);
  }

  /** @param {StatusDocument} status */
  show({ credentials, taken_at: takenAt }) {
    this.#credentials = credentials;
    this.#answeredAtMs = performance.now();
    // The life left changes at every look, and is shown by the tick.
    const lasting = credentials.map((one) => ({ ...one, expires_in_seconds: null }));
    showChildren(findElement('credentials'), lasting, () =>
      credentials.map((one) => createCard(one, Date.parse(takenAt))),
    );
    this.#tick();
  }

  #tick() {
    if (this.#answeredAtMs === 0) return;
    const cards = findElement('credentials').children;
    for (const [index, credential] of this.#credentials.entries()) {
      const countdown = cards[index]?.querySelector('.countdown');
      if (countdown) showText(countdown, describeLife(credential, this.#leftSeconds(credential)));
      const meter = cards[index]?.querySelector('meter');
      if (meter) meter.value = Math.max(0, this.#leftSeconds(credential) ?? 0);
    }
    this.#showKeyFigure();
  }

  /** Of those that end first, in the card of the party. */
  #showKeyFigure() {
    const [first] = [...this.#credentials].sort((one, other) => lifeOf(one) - lifeOf(other));
    const element = /** @type {HTMLDataElement} */ (findElement('key-credentials'));
    if (first === undefined) return;
    const left = this.#leftSeconds(first);
    element.value = left === null ? '' : String(Math.floor(left));
    showText(element, first.key_id === null ? 'none' : left === null ? '∞' : formatCountdown(left));
    const label =
      first.key_id === null
        ? 'no keys yet'
        : left === null
          ? 'they do not end'
          : left > 0
            ? 'until they end'
            : 'since they ended';
    showText(findElement('key-credentials-label'), label);
  }

  /** @param {Credential} credential */
  #leftSeconds({ expires_in_seconds: seconds }) {
    return seconds === null ? null : seconds - (performance.now() - this.#answeredAtMs) / 1000;
  }
}

/** What there is none of is worse than what has ended. @param {Credential} credential */
function lifeOf({ key_id: keyId, expires_in_seconds: seconds }) {
  return keyId === null ? -Infinity : (seconds ?? Infinity);
}

/** @param {Credential} credential @param {number | null} left */
function describeLife({ key_id: keyId }, left) {
  if (keyId === null) return 'None yet';
  if (left === null) return 'Do not end';
  return left > 0 ? `End in ${formatCountdown(left)}` : `Ended ${formatCountdown(left)} ago`;
}

/** @param {Credential} credential @param {number} nowMs */
function createCard(credential, nowMs) {
  const { last_refresh_at: refreshedAt, expires_at: expiresAt, last_error: lastError } = credential;
  const refreshed =
    refreshedAt === null
      ? 'never'
      : `${formatDateTime(refreshedAt)} (${formatDuration(nowMs - Date.parse(refreshedAt))} ago)`;
  /** @type {[label: string, text: string][]} */
  const rows = [
    ['Key', credential.key_id ?? 'none'],
    ['End', expiresAt === null ? 'never' : formatDateTime(expiresAt)],
    ['Last refresh', refreshed],
    ['Refreshes', `${formatCount(credential.refreshes)}, ${formatCount(credential.failures)} failed`],
    ['Sign for', credential.routes.join(' ') || 'no route'],
    ...(lastError === null ? [] : [/** @type {[string, string]} */ (['Last error', lastError])]),
  ];
  const severity =
    credential.key_id === null ? 'error' : credential.is_degraded || lastError !== null ? 'warning' : 'ok';
  return createElement(
    'article',
    { class: 'panel credential', 'data-severity': severity },
    createElement('h3', {}, credential.source),
    createElement('p', { class: 'countdown' }),
    ...createMeter(credential),
    createElement(
      'dl',
      { class: 'rows' },
      ...rows.map(([label, text]) =>
        createElement('div', {}, createElement('dt', {}, label), createElement('dd', {}, text)),
      ),
    ),
  );
}

/** Their life, of which so much is left. @param {Credential} credential */
function createMeter({ source, last_refresh_at: refreshedAt, expires_at: expiresAt }) {
  if (refreshedAt === null || expiresAt === null) return [];
  const seconds = (Date.parse(expiresAt) - Date.parse(refreshedAt)) / 1000;
  if (seconds <= 0) return [];
  return [
    createElement('meter', {
      min: 0,
      max: seconds,
      low: seconds / 12,
      'aria-label': `Life left of ${source}`,
    }),
  ];
}
