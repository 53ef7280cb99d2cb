export interface Sample {
  readonly atSeconds: number;
  readonly value: number;
}

/** How a value rises with time. */
export interface Line {
  /** Of the value, per second. */
  readonly slope: number;
  /** What the slope makes of the time between the first sample and the last. */
  readonly rise: number;
  /** The values' median. */
  readonly middle: number;
}

/**
 * The line through samples by the median of the slopes between any two of them (Theil and Sen): what rises all the time
 * shows, and moments in which the machine was busy with other things do not.
 * @param samples - in the order of time, of two times at least
 */
export function fitLine(samples: readonly Sample[]): Line {
  const slopes: number[] = [];
  for (const [index, one] of samples.entries()) {
    for (const other of samples.slice(index + 1)) {
      const seconds = other.atSeconds - one.atSeconds;
      if (seconds > 0) slopes.push((other.value - one.value) / seconds);
    }
  }
  if (slopes.length === 0) throw new RangeError('a line needs samples of two times');
  const slope = quantile(slopes, 0.5);
  const spanSeconds = (samples.at(-1)?.atSeconds ?? 0) - (samples[0]?.atSeconds ?? 0);
  const middle = quantile(
    samples.map(({ value }) => value),
    0.5,
  );
  return { slope, rise: slope * spanSeconds, middle };
}

/** The lowest value of each stretch of time: what is there even when little is under way. */
export function pickTroughs(samples: readonly Sample[], stretchSeconds: number): Sample[] {
  const troughs: Sample[] = [];
  for (const sample of samples) {
    const last = troughs.at(-1);
    const isNew = last === undefined || stretch(last) !== stretch(sample);
    if (isNew) troughs.push(sample);
    else if (sample.value < last.value) troughs.splice(-1, 1, sample);
  }
  return troughs;

  function stretch({ atSeconds }: Sample): number {
    return Math.floor(atSeconds / stretchSeconds);
  }
}

/** The value that a share of all values is not above: 0.99 for the 99th percentile. NaN for no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
