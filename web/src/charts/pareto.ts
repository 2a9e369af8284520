// Which attempts no other beats in both: smaller and better at once. Pure.

export interface Candidate {
  size: number;
  quality: number;
}

/** Places of the front, by size. */
export function front(points: readonly Candidate[]): number[] {
  const order = points
    .map((_, i) => i)
    .sort((a, b) => {
      const [p, q] = [points[a] as Candidate, points[b] as Candidate];
      return p.size - q.size || q.quality - p.quality;
    });
  let best = Number.NEGATIVE_INFINITY;
  return order.filter((i) => {
    const { quality } = points[i] as Candidate;
    if (quality <= best) return false;
    best = quality;
    return true;
  });
}
