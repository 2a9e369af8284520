// Signal to noise as the height of a mark. Pure.

/** Beyond this nobody sees a difference. */
export const FULL_DB = 60;

/** null: equal. */
export const shownDb = (sqnr: number | null): number => Math.max(0, Math.min(FULL_DB, sqnr ?? FULL_DB));
