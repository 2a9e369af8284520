// Decibels by channel, as many bars as there is room for: neighbours share a bar, which shows the worst of them. Pure.

export interface ChannelBar {
  /** First and last channel, from 0. */
  first: number;
  last: number;
  /** null: equal. */
  sqnr: number | null;
}

/** Worse first: equal (null) is better than any number. */
export const worse = (a: number | null, b: number | null): number =>
  (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY) || 0;

export function channelBars(list: readonly (number | null)[], most: number): ChannelBar[] {
  const each = Math.max(1, Math.ceil(list.length / most));
  return Array.from({ length: Math.ceil(list.length / each) }, (_, i) => {
    const part = list.slice(i * each, (i + 1) * each);
    return { first: i * each, last: i * each + part.length - 1, sqnr: part.toSorted(worse)[0] ?? null };
  });
}

/** The `count` worst channels, worst first. */
export function worstChannels(
  list: readonly (number | null)[],
  count: number,
): { channel: number; sqnr: number | null }[] {
  return list
    .map((sqnr, channel) => ({ channel, sqnr }))
    .toSorted((a, b) => worse(a.sqnr, b.sqnr))
    .slice(0, count);
}
