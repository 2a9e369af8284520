// What a tensor's histogram becomes on its integers: q = saturate(round_half_even(x / scale) + zero), x' = (q - zero) * scale,
// counted in the bins of before. Values are taken to lie evenly in their bin. Pure.
import type { Report, StepReport, TensorFacts } from './types';

/** Places in a bin that its values stand at. */
const PLACES = 8;

type Counts = NonNullable<TensorFacts['histogram']>;

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor & 1) : Math.round(x);
}

/** First and last code. Signed types lie around zero; symmetric grids leave out the lowest code. */
function codesOf({ type, levels }: Pick<TensorFacts, 'type' | 'levels'>): [number, number] {
  if (type.startsWith('u')) return [0, levels - 1];
  const highest = Math.ceil(levels / 2) - 1;
  return [highest - levels + 1, highest];
}

export function quantizedHistogram(tensor: TensorFacts): Counts | undefined {
  const { histogram: before, scale, zeroPoint } = tensor;
  if (!before || before.counts.length === 0 || !(before.high > before.low)) return undefined;
  const [lowest, highest] = codesOf(tensor);
  const { low, high } = before;
  const bins = before.counts.length;
  const width = (high - low) / bins;
  const counts = before.counts.map(() => 0);
  for (const [b, count] of before.counts.entries()) {
    for (let place = 0; place < PLACES && count > 0; ++place) {
      const x = low + (b + (place + 0.5) / PLACES) * width;
      const code = Math.max(lowest, Math.min(highest, roundHalfEven(x / scale) + zeroPoint));
      const bin = Math.floor(((code - zeroPoint) * scale - low) / width);
      const at = Math.max(0, Math.min(bins - 1, bin));
      counts[at] = (counts[at] ?? 0) + count / PLACES;
    }
  }
  return { low, high, counts: counts.map((count) => Math.round(count * PLACES) / PLACES) };
}

const isTensor = (value: unknown): value is TensorFacts => typeof (value as TensorFacts | null)?.scale === 'number';

function withAfter(step: StepReport): StepReport {
  if (!Array.isArray(step.tensors)) return step;
  const tensors = step.tensors.map((tensor: unknown) => {
    const after = isTensor(tensor) ? quantizedHistogram(tensor) : undefined;
    return after ? { ...(tensor as TensorFacts), histogramAfter: after } : tensor;
  });
  return { ...step, tensors };
}

/** A report with the histograms after quantization beside those before. */
export const withHistogramsAfter = (report: Report): Report => ({ ...report, steps: report.steps.map(withAfter) });
