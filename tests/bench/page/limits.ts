// What the machine can do at best: loops of nothing but multiply-accumulate instructions, in independent chains, as
// small WebAssembly modules put together here. An instruction's product would be computed once for all chains were it
// not fed by the chain itself, hence the forms of the two-instruction ones.
// The loop is in a function that is called many times, because V8 optimizes a function between calls only.

export type Limit = 'relaxed_dot' | 'relaxed_madd' | 'dot_i16x8' | 'mul_add';

const SIMD = 0xfd;
const op = (code: number) => [SIMD, ...leb(code)];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

const I32_SPLAT = op(17);
const F32_SPLAT = op(19);
const V128_XOR = op(81);
const I32_EXTRACT_0 = [...op(27), 0];
const F32_HALF = [0x43, 0, 0, 0, 0x3f];

interface Recipe {
  /** Multiply-accumulates of one step of one chain. */
  macs: number;
  chains: number;
  /** The two operands' value. */
  operand: number[];
  step(chain: number, x: number, y: number): number[];
}

const fused = (code: number) => (acc: number, x: number, y: number) => [
  ...get(x),
  ...get(y),
  ...get(acc),
  ...op(code),
  ...set(acc),
];
const twoSteps = (product: number, sum: number) => (acc: number, x: number, y: number) => [
  ...get(acc),
  ...get(x),
  ...op(product),
  ...get(y),
  ...op(sum),
  ...set(acc),
];
const floats = [...F32_HALF, ...F32_SPLAT];
const integers = [...get(0), ...I32_SPLAT];

// With two operands every chain has a register of the fifteen that V8 has on x64.
const recipes: Record<Limit, Recipe> = {
  relaxed_dot: { macs: 16, chains: 12, operand: integers, step: fused(0x113) },
  relaxed_madd: { macs: 4, chains: 12, operand: floats, step: fused(0x105) },
  dot_i16x8: { macs: 8, chains: 13, operand: integers, step: twoSteps(0xba, 0xae) },
  mul_add: { macs: 4, chains: 13, operand: floats, step: twoSteps(0xe6, 0xe4) },
};

const UNROLL = 4;
const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];

/** (func (export "f") (param $n i32) (result i32)): $n turns of UNROLL steps of every chain. */
export function limitModule(limit: Limit): Uint8Array<ArrayBuffer> {
  const { chains, operand, step } = recipes[limit];
  const accumulators = Array.from({ length: chains }, (_, i) => i + 1);
  const [x, y] = [chains + 1, chains + 2];
  const turn = Array.from({ length: UNROLL }, () => accumulators.flatMap((acc) => step(acc, x, y))).flat();
  const body = [
    ...[1, ...leb(chains + 2), 0x7b],
    ...[...operand, ...set(x), ...operand, ...set(y)],
    ...[0x03, 0x40, ...turn, ...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    ...get(1),
    ...accumulators.slice(1).flatMap((acc) => [...get(acc), ...V128_XOR]),
    ...[...I32_EXTRACT_0, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 'f'.charCodeAt(0), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

const TURNS = 200;

/** Answers a function that runs for about `ms` and gives billions of multiply-accumulates per second. */
export function limitMeter(limit: Limit): (ms: number) => number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(limitModule(limit)));
  const f = exports.f as (turns: number) => number;
  const perCall = TURNS * UNROLL * recipes[limit].chains * recipes[limit].macs;
  return (ms) => {
    let calls = 0;
    const start = performance.now();
    let now = start;
    for (; now - start < ms; now = performance.now()) {
      for (let i = 0; i < 20; ++i) f(TURNS);
      calls += 20;
    }
    return (calls * perCall) / (now - start) / 1e6;
  };
}
