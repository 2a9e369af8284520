// Numbers for people, all through Intl in the page's language.
import { langTag } from './i18n/lang';

const made = new Map<string, Intl.NumberFormat>();

/** A formatter by its options; each is made once, for making one is slow. */
function number(name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${langTag()} ${name}`;
  const known = made.get(key) ?? new Intl.NumberFormat(langTag(), options);
  made.set(key, known);
  return known;
}

const three = (v: number) => number('three', { maximumSignificantDigits: 3 }).format(v);

/** Scales v by powers of 1000 and names the power: 4_952_953 -> ["4.95", "M"]. */
function scaled(v: number, units: readonly string[]): [string, string] {
  let unit = 0;
  let x = v;
  while (Math.abs(x) >= 999.5 && unit < units.length - 1) {
    x /= 1000;
    unit += 1;
  }
  return [three(x), units[unit] ?? ''];
}

/** Decimal bytes, as operating systems and download bars show them: "4.95 MB". */
export function formatBytes(bytes: number): string {
  const [value, unit] = scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB']);
  return `${value} ${unit}`;
}

/** "1.24 M", "300 M", "4.09 G". */
export function formatCount(count: number): string {
  const [value, unit] = scaled(count, ['', 'k', 'M', 'G', 'T']);
  return unit === '' ? value : `${value} ${unit}`;
}

export function formatInteger(n: number): string {
  return number('whole', { maximumFractionDigits: 0 }).format(n);
}

/** "12 s", "2 min". */
export function formatDuration(ms: number): string {
  return ms < 60_000
    ? `${formatInteger(Math.max(1, Math.round(ms / 1000)))} s`
    : `${formatInteger(Math.round(ms / 60_000))} min`;
}

export function formatMs(ms: number): string {
  return ms >= 1000 ? `${three(ms / 1000)} s` : `${three(ms)} ms`;
}

/** A share of one; below one percent it keeps a decimal so that it does not read as zero. */
export function formatPercent(share: number): string {
  const digits = share > 0 && share < 0.1 ? 1 : 0;
  return formatPercentDigits(share, digits);
}

export function formatPercentDigits(share: number, digits: number): string {
  const options = { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return number(`percent${digits}`, options).format(share);
}

export function formatFixed(v: number, digits: number): string {
  return number(`fixed${digits}`, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(v);
}

/** Signal to quantization noise; null means that both are equal. */
export function formatDb(db: number | null, equal: string): string {
  return db === null ? equal : `${formatFixed(db, 1)} dB`;
}

export function formatValue(v: number): string {
  if (!Number.isFinite(v)) return String(v);
  const magnitude = Math.abs(v);
  return magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)
    ? v.toExponential(2)
    : number('five', { maximumSignificantDigits: 5 }).format(v);
}

export function formatShape(shape: readonly (number | string | null)[] | null): string {
  if (shape === null) return '?';
  return shape.length === 0 ? 'scalar' : shape.map((d) => (d === null ? '?' : String(d))).join(' × ');
}

/** Middle of the sorted values (mean of the middle two); NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
