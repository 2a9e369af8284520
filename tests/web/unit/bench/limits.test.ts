// The loops that measure the machine's limits are valid WebAssembly and run.
import { describe, expect, it } from 'vitest';
import { type Limit, limitMeter, limitModule } from '../../../bench/page/limits';

describe('limits', () => {
  it.each(['dot_i16x8', 'mul_add'] as Limit[])('%s runs', (limit) => {
    expect(WebAssembly.validate(limitModule(limit))).toBe(true);
    expect(limitMeter(limit)(1)).toBeGreaterThan(0);
  });

  // Relaxed SIMD is behind a flag in older versions of Node; Chromium runs these.
  it.each([
    ['relaxed_dot', 0x113],
    ['relaxed_madd', 0x105],
  ] as const)('%s has its instruction in every chain', (limit, code) => {
    const bytes = [...limitModule(limit)];
    const opcode = [0xfd, (code & 127) | 128, code >> 7];
    const found = bytes.filter((_, i) => opcode.every((byte, k) => bytes[i + k] === byte));
    expect(found).toHaveLength(4 * 12);
  });
});
