// Randomness and angles for data sets that have the same bytes on every machine: integers (SplitMix32), and floating
// point by +, -, *, / and square root alone, which IEEE 754 fixes to the last bit. Math.sin, exp and log are not fixed.

const mix = (value: number): number => {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
};

/** One stream for each item: what item 7 is does not depend on how many there are. */
export class Random {
  #state: number;

  constructor(seed: number, stream = 0) {
    this.#state = mix(mix(seed ^ 0x9e3779b9) + Math.imul(stream + 1, 0x85ebca6b));
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Near to normal, mean 0, deviation 1, never beyond 3: the sum of six uniform numbers, scaled. */
  normal(): number {
    let sum = 0;
    for (let i = 0; i < 6; ++i) sum += this.next();
    return (sum - 3) * Math.SQRT2;
  }
}

/** Sine of `turns` whole turns, to 1e-7: Taylor's series on an eighth of a turn. */
export function sinTurns(turns: number): number {
  const t = turns - Math.floor(turns + 0.5);
  const folded = t > 0.25 ? 0.5 - t : t < -0.25 ? -0.5 - t : t;
  const x = folded * 6.283185307179586;
  const s = x * x;
  return x * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - (s / 72) * (1 - s / 110)))));
}

export const cosTurns = (turns: number): number => sinTurns(turns + 0.25);

/** A class for item `index`: every run of `classes` items holds each class once, in an order of its own. */
export function balancedLabel(seed: number, index: number, classes: number): number {
  const order = Array.from({ length: classes }, (_, i) => i);
  const random = new Random(seed, -1 - Math.floor(index / classes));
  for (let i = classes - 1; i > 0; --i) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order[index % classes] as number;
}

/** Fills a byte, whatever the number. */
export const toByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.floor(value + 0.5));
