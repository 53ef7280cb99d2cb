import { findElement, showText } from './create-element.js';
import { CredentialCards } from './credential-cards.js';
import { formatDuration, formatTime } from './format.js';
import { PlotWall } from './plot-wall.js';
import { DaemonPoll } from './poll-daemon.js';
import { showFailures } from './show-failures.js';
import { showRecent } from './show-recent.js';
import { showTables } from './show-tables.js';
import { showLost, showVerdict } from './show-verdict.js';

/** @import { StatusDocument } from '../status-document.ts' */

const plots = new PlotWall();
const credentialCards = new CredentialCards();
/** Of the daemon's last answer. */
let lastAnswerAt = '';

const poll = new DaemonPoll({
  onAnswer: (status, history) => {
    lastAnswerAt = ` since ${formatTime(status.taken_at)}`;
    document.body.dataset['state'] = 'live';
    showConnection('live', `${formatTime(status.taken_at)} UTC`);
    showAbout(status);
    showVerdict(status);
    showRecent(status);
    credentialCards.show(status);
    showTables(status);
    showFailures(status);
    plots.add(history);
    document.body.dataset['takenAt'] = status.taken_at;
  },
  onLost: (reason) => {
    document.body.dataset['state'] = 'lost';
    showConnection('lost', `no answer${lastAnswerAt}`);
    showLost(reason, lastAnswerAt);
  },
});

const pauseButton = findElement('pause');
pauseButton.addEventListener('click', () => {
  const isPaused = pauseButton.getAttribute('aria-pressed') !== 'true';
  pauseButton.setAttribute('aria-pressed', String(isPaused));
  showText(pauseButton, isPaused ? 'Go on' : 'Pause');
  if (isPaused) showConnection('paused', `paused${lastAnswerAt}`);
  poll.setPaused(isPaused);
});

void poll.ask();

/** @param {string} state @param {string} text */
function showConnection(state, text) {
  const element = findElement('connection');
  element.dataset['state'] = state;
  showText(element, text);
}

/** @param {StatusDocument} status */
function showAbout({ daemon, taken_at: takenAt }) {
  const up = formatDuration(Date.parse(takenAt) - Date.parse(daemon.started_at));
  const text = `${daemon.version} on Node ${daemon.node}, serving ${daemon.listen.join(' ')}, up for ${up}`;
  showText(findElement('about'), text);
}
