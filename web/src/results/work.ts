// Arithmetic of one run: multiply-adds times bits, and an estimate of energy. Picojoules of a multiply and an add at 45 nm:
// float32 3.7 + 0.9, int8 0.2 + 0.03. Source: M. Horowitz, "Computing's energy problem", ISSCC 2014. Memory is left out. Pure.
import type { Layer } from '../graph/metrics';

const FLOAT_PJ = 4.6;
const INT8_PJ = 0.23;

export interface Work {
  bitops: number;
  floatBitops: number;
  nanojoules: number;
  floatNanojoules: number;
  /** Of the multiply-adds. */
  integerShare: number;
}

export function workOf(layers: readonly Layer[]): Work {
  const work: Work = { bitops: 0, floatBitops: 0, nanojoules: 0, floatNanojoules: 0, integerShare: 0 };
  let all = 0;
  let integer = 0;
  for (const { macs, bits = 32 } of layers) {
    const isInteger = bits <= 8;
    all += macs;
    if (isInteger) integer += macs;
    work.bitops += macs * bits * (isInteger ? 8 : 32);
    work.floatBitops += macs * 32 * 32;
    work.nanojoules += (macs * (isInteger ? INT8_PJ : FLOAT_PJ)) / 1000;
    work.floatNanojoules += (macs * FLOAT_PJ) / 1000;
  }
  work.integerShare = all === 0 ? 0 : integer / all;
  return work;
}
