// Figures as people read them. Numbers in tables and plots; sentences come from the daemon.

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const NOTHING = '–';

/** `1,234`. @param {number} count */
export function formatCount(count) {
  return COUNT.format(count);
}

/** `0.42`, `7.3`, `1,234`. @param {number} perSecond */
export function formatRate(perSecond) {
  if (perSecond === 0) return '0';
  return perSecond < 10 ? String(Number(perSecond.toPrecision(2))) : COUNT.format(perSecond);
}

/** `512 B`, `1.2 MB`: powers of 1000. @param {number} bytes */
export function formatBytes(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** `0.4 ms`, `45 ms`, `2.4 s`. @param {number | null | undefined} ms */
export function formatMs(ms) {
  if (ms === null || ms === undefined) return NOTHING;
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** `99.9 %`: rounded towards trouble, so that all but all is not all. @param {number} part @param {number} all */
export function formatShare(part, all) {
  if (all === 0) return NOTHING;
  const percent = (part / all) * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.1) return '< 0.1 %';
  if (percent > 99.9) return '> 99.9 %';
  return `${percent < 10 || percent > 90 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** `5:12:44`, `0:09`; a sign is not written. @param {number} seconds */
export function formatCountdown(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`;
}

/** `9 s`, `12 min`, `5 h 12 min`, `3 days`. @param {number} ms */
export function formatDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (seconds < 120) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / (24 * 60))} days`;
}

/** `03:12:44`, of UTC. @param {string | number} at - ISO text or Unix milliseconds */
export function formatTime(at) {
  return new Date(at).toISOString().slice(11, 19);
}

/** `2026-01-15 03:12:44`, of UTC. @param {string} iso */
export function formatDateTime(iso) {
  return iso.slice(0, 19).replace('T', ' ');
}
