import type { Results } from '../results.ts';
import { drawCells } from './draw-cells.ts';
import { drawGrowth } from './draw-growth.ts';
import { drawLatencies } from './draw-latencies.ts';
import { drawMemory } from './draw-memory.ts';
import type { Chart } from './draw-svg.ts';

/** Every chart for which something was measured, in the order of the page. */
export function listCharts(results: Results): Chart[] {
  const source = describeRun(results);
  return [
    ...drawCells(results.cells, source),
    ...drawLatencies(results.addedLatency, source),
    ...drawGrowth(results.growth, source),
    ...drawMemory(results.memory, source),
  ];
}

function describeRun({ machine, rounds, secondsPerSample, startedAt, revision }: Results): string {
  return (
    `${revision}, ${startedAt.slice(0, 10)}; ${machine.processor}, ${machine.coreCount} cores, Node ${machine.node}, ` +
    `nginx ${machine.nginx}; ${rounds} rounds of ${secondsPerSample} s, median; whiskers, where there are any, from least to most`
  );
}
