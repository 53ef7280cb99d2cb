import { reportCells, reportLatencies, reportRatios } from './report-cells.ts';
import { ADDED_LATENCY_NOTE, reportFigures, reportGrowth } from './report-rest.ts';
import type { Results } from './results.ts';
import { spread } from './summary.ts';
import { formatNumber } from './text-table.ts';
import type { Protocol } from './upstream-server.ts';

/** All results as text for people, in Markdown's tables. */
export function formatReport(results: Results): string {
  const { machine, cells, addedLatency } = results;
  const protocols: readonly Protocol[] = ['http', 'https'];
  const sections = [
    `${results.revision}, Node ${machine.node}, nginx ${machine.nginx}, ${machine.processor}, ${machine.coreCount} cores; ` +
      `${results.rounds} rounds of ${results.secondsPerSample} s: median (least–most)`,
    describeOthers(results),
    cells.length > 0
      ? 'CPU time of the proxy for one request, as a ratio to unsigned nginx with default buffers:'
      : '',
    ...protocols.map((protocol) => reportRatios(cells, protocol)),
    ...protocols.map((protocol) => reportCells(cells, protocol)),
    reportLatencies(addedLatency),
    addedLatency.length > 0 ? ADDED_LATENCY_NOTE : '',
    reportFigures(results),
    reportGrowth(results),
    ...results.failures.map((sentence) => `FAILED: ${sentence}`),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Whoever reads the figures should know what else the machine did. */
function describeOthers({ samples }: Results): string {
  if (samples.length === 0) return '';
  const { median, most } = spread(samples.map(({ othersLoad }) => othersLoad));
  return `Other programs used ${formatNumber(median)} of a processor meanwhile (median; ${formatNumber(most)} at most).`;
}
