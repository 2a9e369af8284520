// The exported file in onnxruntime-web, loaded from this site when it is asked for: the same test input, the same answer?
import { signal } from '@preact/signals';
import type { Feeds, Tensor } from '../engine/types';
import { outputSqnr } from '../results/distance';
import { asNumbers } from '../results/topk';
import { results } from './app';
import { testFeeds } from './inputs';
import { exported } from './take';
import { asTask } from './task';

/** The part of onnxruntime-web that is used. */
interface OrtTensor {
  dims: readonly number[];
  type: string;
  data: Tensor['data'];
}
interface OrtSession {
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}
interface Ort {
  env: { wasm: { numThreads: number; wasmPaths: string } };
  Tensor: new (type: string, data: Tensor['data'], dims: readonly number[]) => OrtTensor;
  InferenceSession: { create(model: Uint8Array, options: object): Promise<OrtSession> };
}

export interface OrtCheck {
  ms: number;
  outputs: Record<string, Tensor>;
  /** Of onnxruntime-web's outputs against ours; null: equal. */
  sqnr: number | null;
  /** Largest difference of any output value. */
  most: number;
  values: number;
}

export const ortCheck = signal<OrtCheck | null>(null);

async function loadOrt(): Promise<Ort> {
  const folder = new URL('ort/', document.baseURI).href;
  const ort = (await import(/* @vite-ignore */ `${folder}ort.wasm.min.mjs`)) as Ort;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = folder;
  return ort;
}

const given = (ort: Ort, feeds: Feeds) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, [...dims])]),
  );

const taken = (outputs: Record<string, OrtTensor>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { type, dims, data }]) => [name, { type: type as Tensor['type'], dims, data }]),
  );

function difference(a: Record<string, Tensor>, b: Record<string, Tensor>): { most: number; values: number } {
  let most = 0;
  let values = 0;
  for (const [name, tensor] of Object.entries(a)) {
    const x = asNumbers(tensor);
    const other = b[name];
    const y = other ? asNumbers(other) : null;
    if (!x || !y) continue;
    values += x.length;
    for (let i = 0; i < x.length; ++i) most = Math.max(most, Math.abs((x[i] as number) - (y[i] as number)));
  }
  return { most, values };
}

export async function checkWithOrt(): Promise<void> {
  await asTask('ort', async ({ signal: abort }) => {
    const shown = results.value;
    const model = await exported('qdq');
    if (!shown || !model) return;
    const feeds = await testFeeds();
    const ort = await loadOrt();
    abort.throwIfAborted();
    const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
    try {
      const inputs = given(ort, feeds);
      await session.run(inputs);
      const start = performance.now();
      const outputs = taken(await session.run(inputs));
      const ms = performance.now() - start;
      const ours = (await shown.made.run(feeds)).outputs;
      ortCheck.value = { ms, outputs, sqnr: outputSqnr(ours, outputs), ...difference(ours, outputs) };
    } finally {
      await session.release();
    }
  });
}
