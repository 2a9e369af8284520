// Threads in Node: how many there are, the same bits with any number of them, idle ones sleep, dispose() ends them,
// and without their files there is one.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/lib/root.mjs';
import type * as Library from '../../../web/src/engine';
import { threadsThatPay } from '../../../web/src/engine/worker/threads';
import { type Feeds, floats, Halftone } from '../support/library';
import { buildModel } from '../support/onnx_builder';
import { Random } from '../support/random';
import { tinyFeeds, tinyModel } from '../support/tiny';

const severalCores = availableParallelism() > 1;
const folder = mkdtempSync(join(tmpdir(), 'halftone threads '));
afterAll(() => rmSync(folder, { recursive: true }));

const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

/** Convolutions and element-wise work large enough to be cut into pieces. */
function wideModel(): Uint8Array {
  const random = new Random(3);
  return buildModel({
    nodes: [
      { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['c'], attributes: { pads: [1, 1, 1, 1] } },
      { op: 'Sigmoid', inputs: ['c'], outputs: ['s'] },
      { op: 'Mul', inputs: ['c', 's'], outputs: ['m'] },
      { op: 'Conv', inputs: ['m', 'v'], outputs: ['d'], attributes: { strides: [2, 2] } },
      { op: 'Relu', inputs: ['d'], outputs: ['y'] },
    ],
    inputs: [{ name: 'x', dims: [1, 3, 80, 80] }],
    outputs: [{ name: 'y', dims: [1, 16, 40, 40] }],
    initializers: [
      { name: 'w', dims: [24, 3, 3, 3], data: random.floats(24 * 27) },
      { name: 'b', dims: [24], data: random.floats(24) },
      { name: 'v', dims: [16, 24, 1, 1], data: random.floats(16 * 24) },
    ],
  });
}

const wideFeeds = (seed: number): Feeds => ({
  x: { type: 'float32', dims: [1, 3, 80, 80], data: new Random(seed).floats(3 * 80 * 80) },
});

describe('the number of threads', () => {
  it('by default: all of few cores, half of many, never more than 8', () => {
    expect([1, 2, 3, 4, 6, 8, 12, 16, 64].map(threadsThatPay)).toEqual([1, 2, 3, 4, 4, 4, 6, 8, 8]);
  });

  it.each([undefined, 1, 2, 3])('of create({ threads: %s })', async (threads) => {
    const engine = await Halftone.create(threads === undefined ? {} : { threads });
    const wanted = threads ?? threadsThatPay(availableParallelism());
    expect(engine.capabilities.threads).toBe(severalCores ? wanted : 1);
    engine.dispose();
  });
});

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Digests of everything that the quantized model and the float one compute, and of the quantized file. */
async function resultsWith(threads: number): Promise<Record<string, string>> {
  const engine = await Halftone.create({ threads });
  const model = await engine.load(wideModel());
  const quantized = await model.apply([{ pass: 'quantize_static' }], { calibration: [wideFeeds(1), wideFeeds(2)] });
  const results: Record<string, string> = { file: digest(await quantized.export()) };
  for (const [kind, each] of Object.entries({ float: model, quantized })) {
    const taps = (await each.graph()).nodes.map((node) => node.outputs[0] as string);
    const run = await each.run(wideFeeds(3), { taps });
    expect(Object.keys(run.taps).length).toBe(taps.length);
    for (const [name, { data }] of Object.entries(run.taps)) results[`${kind} ${name}`] = digest(data as Uint8Array);
  }
  engine.dispose();
  return results;
}

describe.skipIf(!severalCores)('several threads', () => {
  it('give the bits of one', async () => {
    const expected = await resultsWith(1);
    for (const threads of [2, 3]) expect(await resultsWith(threads)).toEqual(expected);
  });

  it('sleep while there is nothing to do', async () => {
    const engine = await Halftone.create({ threads: 3 });
    const model = await engine.load(wideModel());
    for (let i = 0; i < 5; ++i) await model.run(wideFeeds(i));
    await sleep(100);
    const start = process.cpuUsage();
    await sleep(300);
    const { user, system } = process.cpuUsage(start);
    engine.dispose();
    expect((user + system) / 1000).toBeLessThan(100);
  });

  it.skipIf(!existsSync('/proc/self/task'))('end with dispose()', async () => {
    const systemThreads = () => readdirSync('/proc/self/task').length;
    await (await Halftone.create({ threads: 1 })).dispose();
    await sleep(200);
    const before = systemThreads();
    const engine = await Halftone.create({ threads: 4 });
    expect(systemThreads()).toBeGreaterThanOrEqual(before + 4);
    engine.dispose();
    for (let i = 0; i < 50 && systemThreads() > before; ++i) await sleep(20);
    expect(systemThreads()).toBeLessThanOrEqual(before);
  });
});

describe('the files of the library in another folder', () => {
  const copy = (name: string, filter: (source: string) => boolean) => {
    const target = join(folder, name);
    cpSync(inRoot('dist/lib'), target, { recursive: true, filter });
    return pathToFileURL(`${target}/`);
  };

  it('give threads there', async () => {
    const url = copy('all of it', () => true);
    const library = (await import(/* @vite-ignore */ new URL('halftone.js', url).href)) as typeof Library;
    const engine = await library.Halftone.create({ threads: 2 });
    expect(engine.capabilities.threads).toBe(severalCores ? 2 : 1);
    engine.dispose();
  });

  it('without those for threads: one thread, and it works', async () => {
    const wasmBase = copy('plain', (source) => !source.includes('-threads'));
    const engine = await Halftone.create({ wasmBase });
    expect(engine.capabilities.threads).toBe(1);
    const model = await engine.load(tinyModel());
    expect(floats((await model.run(tinyFeeds(1))).outputs.scores).length).toBe(4);
    engine.dispose();
  });
});
