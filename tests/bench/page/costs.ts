// What a model costs besides its runs: from nothing to the first result, the memory of that, and a quantization with
// real photographs.

import type { Feeds } from '../../../web/src/engine/types';
import { Random } from '../../web/support/random';
import { tinyModel } from '../../web/support/tiny';
import { type EngineOptions, startHalftone, startOrt } from './contestants';
import { modelBytes, seededFeeds } from './models';

export interface Loading {
  /** Bytes of the file. */
  file: number;
  /** Milliseconds: the engine's start, the model's loading, the first run. */
  start: number;
  load: number;
  run: number;
  /** Bytes of WebAssembly memory after the first run; it never shrinks. */
  memory: number;
}

/** Also the memory with the int8 model beside the float one in the same engine. */
export interface HalftoneLoading extends Loading {
  both: number;
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const passed = now - last;
    last = now;
    return passed;
  };
}

export async function halftoneLoading(name: string, library: string, options: EngineOptions): Promise<HalftoneLoading> {
  const file = new Blob([(await modelBytes(name)) as Uint8Array<ArrayBuffer>]);
  const lap = stopwatch();
  const engine = await startHalftone(library, options);
  const start = lap();
  const model = await engine.load(file);
  const load = lap();
  const feeds = seededFeeds(name, model.summary, 1);
  lap();
  await model.run(feeds);
  const run = lap();
  const memory = (await engine.memory()).heapBytes;
  const small = await model.apply([{ pass: 'quantize_static' }], { calibration: [feeds] });
  await small.run(feeds);
  const both = (await engine.memory()).heapBytes;
  engine.dispose();
  return { file: file.size, start, load, run, memory, both };
}

/** onnxruntime-web starts with its first session, so a tiny one is made first. */
export async function ortLoading(name: string, threads: number): Promise<Loading> {
  const bytes = await modelBytes(name);
  const lap = stopwatch();
  const { ort, memory } = await startOrt(threads);
  const tiny = await ort.InferenceSession.create(tinyModel());
  const start = lap();
  const session = await ort.InferenceSession.create(bytes);
  const load = lap();
  const input = new ort.Tensor('float32', new Random(1).floats(3 * SIDE * SIDE, -2, 2), [1, 3, SIDE, SIDE]);
  lap();
  await session.run({ [session.inputNames[0] as string]: input });
  const run = lap();
  const peak = memory();
  await session.release();
  await tiny.release();
  return { file: bytes.length, start, load, run, memory: peak };
}

const SIDE = 224;
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/** 200 photographs, 224 x 224 x 3 bytes each, and what torchvision's ImageNet models want of them. */
async function photographs(count: number): Promise<Float32Array[]> {
  const response = await fetch('/models/data/imagenet200/imagenet200-224-rgb8.bin.gz');
  if (!response.ok || !response.body) throw new Error(`the photographs: ${response.status}`);
  const pixels = new Uint8Array(
    await new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer(),
  );
  const area = SIDE * SIDE;
  return Array.from({ length: count }, (_, i) => {
    const planar = new Float32Array(3 * area);
    for (let c = 0; c < 3; ++c) {
      for (let p = 0; p < area; ++p) {
        const byte = pixels[(i * area + p) * 3 + c] as number;
        planar[c * area + p] = (byte / 255 - (MEAN[c] as number)) / (DEVIATION[c] as number);
      }
    }
    return planar;
  });
}

export interface Quantizing {
  preset: string;
  photos: number;
  /** Milliseconds of apply() and export(), and the longest that apply() went without a word of progress. */
  apply: number;
  write: number;
  silence: number;
  memory: number;
}

/** In an engine of its own: its memory is what this model, preset and number of photographs need. */
export async function quantizing(
  name: string,
  library: string,
  options: EngineOptions,
  { preset, photos }: Pick<Quantizing, 'preset' | 'photos'>,
): Promise<Quantizing> {
  const pictures = await photographs(photos);
  const engine = await startHalftone(library, options);
  const recipe = engine.capabilities.presets?.find((one) => one.name === preset)?.recipe;
  if (!recipe) throw new Error(`there is no preset ${preset}`);
  const model = await engine.load(await modelBytes(name));
  const input = model.summary.inputs[0]?.name ?? '';
  const calibration = pictures.map((data): Feeds => ({ [input]: { type: 'float32', dims: [1, 3, SIDE, SIDE], data } }));
  const pause = stopwatch();
  let silence = 0;
  const onProgress = () => {
    silence = Math.max(silence, pause());
  };
  const lap = stopwatch();
  const quantized = await model.apply(recipe, { calibration, onProgress });
  onProgress();
  const apply = lap();
  await quantized.export({ format: 'qdq' });
  const write = lap();
  const memory = (await engine.memory()).heapBytes;
  engine.dispose();
  return { preset, photos, apply, write, silence, memory };
}
