// Progress on standard error: one line that is written over, where a person looks on; nothing in a pipe.

import type { Progress } from '../src/engine/types';

let shown = false;
let last = 0;

export function clearProgress(): void {
  if (shown) process.stderr.write('\r\x1b[K');
  shown = false;
}

/** At most ten times a second. `length` stands in for an unknown total. */
export function showProgress({ stage, done, total }: Progress): void {
  if (!process.stderr.isTTY || performance.now() - last < 100) return;
  last = performance.now();
  shown = true;
  const share = total > 0 ? `${Math.floor((100 * done) / total)} %` : String(done);
  process.stderr.write(`\r\x1b[K${stage} ${share}`);
}
