// A digest of every integer activation of a quantized model: equal on every build, or integer results are not
// bit-exact. Works wherever the library does, so the same function serves Node and a page. The native side is
// tests/digest/int_digest.cc.

import type { Feeds, HalftoneModel } from '../../../web/src/engine';

/** Stands alone, so that a browser test can hand its text to a page. */
export async function intDigest(model: HalftoneModel, feeds: Feeds): Promise<Record<string, string>> {
  // FNV-1a (Fowler, Noll, Vo), 32 bits, from two starting values.
  const digest = (data: ArrayBufferView) => {
    let a = 0x811c9dc5;
    let b = 0x050c5d1f;
    for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b ^ byte, 0x01000193);
    }
    return [a, b].map((h) => (h >>> 0).toString(16).padStart(8, '0')).join('');
  };
  const { nodes } = await model.graph();
  const taps = nodes.filter((n) => n.op === 'QuantizeLinear').map((n) => n.outputs[0] as string);
  const result = await model.run(feeds, { taps });
  return Object.fromEntries(
    Object.entries(result.taps).map(([name, tensor]) => [name, digest(tensor.data as Uint8Array)]),
  );
}
