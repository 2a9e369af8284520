// Small charts for tables of the report, as standalone SVG in the report's own colours. Pure.
import { barHeight } from '../charts/histogram';

const WIDTH = 220;
const HEIGHT = 34;
const INK = '#5a5561';
const ACCENT = '#b3361b';

const svg = (inner: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">${inner}</svg>`;

const fixed = (v: number): string => v.toFixed(1);

/** A bar for each height between 0 and 1. */
function bars(heights: readonly number[]): string {
  const each = WIDTH / Math.max(1, heights.length);
  const path = heights.map((h, i) =>
    h > 0
      ? `M${fixed(i * each)} ${HEIGHT}V${fixed(HEIGHT * (1 - h))}h${fixed(Math.max(0.5, each - 0.4))}V${HEIGHT}z`
      : '',
  );
  return `<path fill="${INK}" fill-opacity="0.55" d="${path.join('')}"/>`;
}

function steps(heights: readonly number[]): string {
  const each = WIDTH / Math.max(1, heights.length);
  const path = heights.map((h, i) => {
    const top = fixed(HEIGHT * (1 - h));
    return `${i === 0 ? `M0 ${top}` : `V${top}`}H${fixed((i + 1) * each)}`;
  });
  return `<path fill="none" stroke="${ACCENT}" d="${path.join('')}"/>`;
}

export const barsSvg = (heights: readonly number[]): string => svg(bars(heights));

/** Filled: before; line: after. Heights are logarithmic. */
export function histogramSvg(before: readonly number[], after: readonly number[] | undefined): string {
  const most = Math.max(1, ...before, ...(after ?? []));
  const heights = (counts: readonly number[]) => counts.map((count) => barHeight(count, most));
  return svg(bars(heights(before)) + (after ? steps(heights(after)) : ''));
}
