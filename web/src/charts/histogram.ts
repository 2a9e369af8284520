// How often values fall where, and what can be said of them at a glance. Pure.

export interface Histogram {
  low: number;
  high: number;
  counts: Uint32Array;
  most: number;
  mean: number;
  deviation: number;
  zeros: number;
  count: number;
}

export function histogramOf(values: Float32Array, bins = 96): Histogram {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let squares = 0;
  let zeros = 0;
  let count = 0;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
    sum += v;
    squares += v * v;
    if (v === 0) zeros += 1;
    count += 1;
  }
  const counts = new Uint32Array(bins);
  if (count === 0) return { low: 0, high: 0, counts, most: 0, mean: 0, deviation: 0, zeros: 0, count };
  const scale = high > low ? bins / (high - low) : 0;
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    const bin = Math.min(bins - 1, Math.floor((v - low) * scale));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return { low, high, counts, most: counts.reduce((a, b) => Math.max(a, b), 0), mean, deviation, zeros, count };
}

/** Counts in bins of another histogram's width, which may reach beyond it on both sides. */
export interface Outline {
  low: number;
  step: number;
  counts: Uint32Array;
}

/** How `values` fall into the bins of `h`; beyond, in up to as many more bins on each side. null: it has no width. */
export function outlineOf(values: Float32Array, h: Histogram): Outline | null {
  const bins = h.counts.length;
  const step = (h.high - h.low) / bins;
  if (!(step > 0)) return null;
  // The largest value belongs to the last bin, not to one of its own.
  const binOf = (v: number) => {
    const bin = v === h.high ? bins - 1 : Math.floor((v - h.low) / step);
    return Math.max(-bins, Math.min(2 * bins - 1, bin));
  };
  const all = new Uint32Array(3 * bins);
  for (const v of values) if (Number.isFinite(v)) all[binOf(v) + bins] = (all[binOf(v) + bins] ?? 0) + 1;
  const first = Math.min(bins, Math.max(0, all.findIndex(Boolean)));
  const end = Math.max(2 * bins, all.findLastIndex(Boolean) + 1);
  return { low: h.low + (first - bins) * step, step, counts: all.slice(first, end) };
}

/** 0..1 on a logarithmic scale, so that tails stay in sight. */
export const barHeight = (count: number, most: number): number =>
  count === 0 ? 0 : Math.log1p(count) / Math.log1p(most);

export interface Scale {
  to(value: number): number;
  from(position: number): number;
}

/** Linear between [low, high] and [start, end]; a single value lies in the middle. */
export function linear(low: number, high: number, start: number, end: number): Scale {
  const span = high - low || 1;
  const first = high > low ? low : low - 0.5;
  return {
    to: (v) => start + ((v - first) / span) * (end - start),
    from: (p) => first + ((p - start) / (end - start)) * span,
  };
}

/** About `count` round numbers in [low, high]. */
export function ticks(low: number, high: number, count: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const made: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; ++i) made.push(i * step + 0);
  return made;
}
