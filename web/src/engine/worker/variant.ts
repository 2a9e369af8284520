// What the browser's WebAssembly can do: asked by the engine's worker, and by the service worker, which keeps only the
// modules that this browser will load. Each probe is a module of one function: (func (result v128) ... ) around one
// instruction.

// (i8x16.splat (i32.const 0))
const simdProbe = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
// (i32x4.relaxed_dot_i8x16_i7x16_add_s zeros zeros zeros)
const relaxedProbe = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65,
  0, 253, 15, 253, 147, 2, 11,
];

const supports = (probe: number[]) => WebAssembly.validate(new Uint8Array(probe));

export const hasSimd = (): boolean => supports(simdProbe);
export const hasRelaxedSimd = (): boolean => supports(relaxedProbe);
