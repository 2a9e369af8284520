// Lengths that the file leaves open: what each goes by, and the dims of an input once they are known. The same symbol is the
// same length wherever it stands. Pure.
import type { ValueSummary } from '../engine/types';

/** By what the length goes by, see lengthKey. A Map, because symbols are names that a file chose. */
export type Lengths = ReadonlyMap<string, number>;

export type Shaped = Pick<ValueSummary, 'name' | 'shape'>;

/** What exporters write where they have no symbol. */
const NAMELESS = /^(\?|-1|none|null|)$/i;

/** The symbol, or the place where there is none; null: the file says how long it is. */
export function lengthKey({ name, shape }: Shaped, axis: number): string | null {
  const dim = shape?.at(axis);
  if (typeof dim === 'number' && dim >= 0) return null;
  const place = axis < 0 ? axis + (shape?.length ?? 0) : axis;
  return typeof dim === 'string' && !NAMELESS.test(dim) ? dim : `${name}[${place}]`;
}

/** A length that nobody knows is one. */
export function dimsOf(input: Shaped, lengths: Lengths = new Map()): number[] {
  return (input.shape ?? []).map((dim, axis) => {
    const key = lengthKey(input, axis);
    return key === null ? (dim as number) : (lengths.get(key) ?? 1);
  });
}
