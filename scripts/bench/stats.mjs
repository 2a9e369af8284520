// Statistics of interleaved rounds: medians, so that a disturbed round does not count, and ratios of what was measured
// in the same round, so that a machine that slows down does not count either.

export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of all runs in all rounds. */
export const overallMedian = (rounds) => median(rounds.flat());

/** (Best run of b) / (best run of a): what is left of a ratio on a machine that other work keeps busy. */
export const bestRatio = (a, b) => Math.min(...b.flat()) / Math.min(...a.flat());

/** Median over rounds of (median of b) / (median of a): above one, a is the faster. */
export function pairedRatio(a, b) {
  const ratios = a.map((round, i) => median(b[i] ?? []) / median(round));
  return median(ratios.filter(Number.isFinite));
}
