import { formatBytes, formatMs, formatRate } from './format.js';

/**
 * @import { Series } from '../history.ts'
 *
 * @typedef {object} PlotSeries
 * @property {Series} key - of history.json
 * @property {string} label
 * @property {string} color - a custom property of the style sheet
 * @property {readonly number[]} [dash]
 *
 * @typedef {object} Plot
 * @property {string} title
 * @property {(value: number) => string} format
 * @property {readonly PlotSeries[]} series
 */

const DASHED = [6, 3];
const DOTTED = [2, 3];

/** @param {'first_byte' | 'total'} name @returns {readonly PlotSeries[]} */
function percentilesOf(name) {
  return [
    { key: `${name}_p50_ms`, label: '50 %', color: '--plot-blue' },
    { key: `${name}_p95_ms`, label: '95 %', color: '--plot-violet' },
    { key: `${name}_p99_ms`, label: '99 %', color: '--plot-pink' },
  ];
}

/** @type {readonly Plot[]} */
export const PLOTS = [
  {
    title: 'Requests per second',
    format: formatRate,
    series: [{ key: 'requests_per_second', label: 'requests', color: '--plot-blue' }],
  },
  {
    title: 'Throughput per second',
    format: formatBytes,
    series: [{ key: 'bytes_per_second', label: 'to clients', color: '--plot-teal' }],
  },
  { title: 'First byte from S3 within', format: formatMs, series: percentilesOf('first_byte') },
  { title: 'Whole response within', format: formatMs, series: percentilesOf('total') },
  {
    title: 'Requests that ended badly, per second',
    format: formatRate,
    series: [
      { key: 's3_per_second', label: 'S3', color: '--plot-red' },
      { key: 'credentials_per_second', label: 'credentials', color: '--plot-violet' },
      { key: 'denied_per_second', label: 'denied', color: '--plot-pink', dash: DASHED },
      { key: 's3_4xx_per_second', label: '4xx of S3', color: '--plot-grey' },
      { key: 'refused_per_second', label: 'refused', color: '--plot-orange', dash: DASHED },
      { key: 'left_per_second', label: 'client left', color: '--plot-teal', dash: DOTTED },
      { key: 'daemon_per_second', label: 'daemon', color: '--plot-blue', dash: DOTTED },
    ],
  },
  {
    title: 'Mended unseen, per second',
    format: formatRate,
    series: [
      { key: 'retries_per_second', label: 'retries', color: '--plot-orange' },
      { key: 'hedges_per_second', label: 'hedges', color: '--plot-violet', dash: DASHED },
      { key: 'resumes_per_second', label: 'resumes', color: '--plot-teal', dash: DOTTED },
    ],
  },
  {
    title: 'Requests under way',
    format: formatRate,
    series: [
      { key: 'in_flight', label: 'in flight', color: '--plot-blue' },
      { key: 'queued', label: 'queued', color: '--plot-red', dash: DASHED },
    ],
  },
  {
    title: 'Connections to S3',
    format: formatRate,
    series: [
      { key: 's3_connections_open', label: 'open', color: '--plot-grey' },
      { key: 's3_connections_busy', label: 'busy', color: '--plot-blue' },
      { key: 's3_connections_waiting', label: 'waited for', color: '--plot-red', dash: DASHED },
    ],
  },
];
