// The engines as the measurement sees them: something that has loaded a file and runs it again and again on the same
// input. Each has a WebAssembly memory of its own, so that what it needed can be told.

import type * as Ort from 'onnxruntime-web';
import type * as Library from '../../../web/src/engine';
import type { Engine, Feeds, HalftoneModel, NodeTime, Tensor } from '../../../web/src/engine/types';

/** Milliseconds of one run: inside the engine where it says so, and as the caller waits. */
export interface Time {
  engine: number;
  call: number;
}

export interface Contestant {
  name: string;
  run(): Promise<Time>;
  outputs(): Promise<Record<string, Tensor>>;
  /** Bytes of WebAssembly memory, which only ever grows: its peak. */
  memory(): Promise<number>;
  profile?(): Promise<NodeTime[]>;
  dispose(): Promise<void>;
}

export interface EngineOptions {
  threads: number;
  variant: 'auto' | 'simd' | 'relaxed';
}

export async function startHalftone(library: string, options: EngineOptions): Promise<Engine> {
  const { Halftone } = (await import(/* @vite-ignore */ `/${library}/halftone.js`)) as typeof Library;
  return Halftone.create(options);
}

/** Runs a loaded model of `engine`, which is the contestant's own. */
export function halftone(name: string, engine: Engine, model: HalftoneModel, feeds: Feeds): Contestant {
  return {
    name,
    async run() {
      const start = performance.now();
      const { ms } = await model.run(feeds);
      return { engine: ms, call: performance.now() - start };
    },
    outputs: async () => (await model.run(feeds)).outputs,
    memory: async () => (await engine.memory()).heapBytes,
    profile: async () => (await model.run(feeds, { profile: true })).profile,
    dispose: async () => engine.dispose(),
  };
}

const memories: WebAssembly.Memory[] = [];

/** From now on every memory that this page makes for itself is known; engines in workers make theirs elsewhere. */
export function watchMemories(): void {
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, args: [WebAssembly.MemoryDescriptor]) {
      const memory = new target(...args);
      memories.push(memory);
      return memory;
    },
  });
}

/** Bytes of the next memory that this page makes. */
export function memoryFromNowOn(): () => number {
  const known = memories.length;
  return () => memories[known]?.buffer.byteLength ?? 0;
}

let instances = 0;

/** onnxruntime-web, a fresh instance: its module under another query is another module. */
export async function startOrt(threads: number): Promise<{ ort: typeof Ort; memory: () => number }> {
  const url = `/ort/ort.wasm.min.mjs?${++instances}`;
  const ort = (await import(/* @vite-ignore */ url)) as typeof Ort;
  ort.env.wasm.wasmPaths = '/ort/';
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return { ort, memory: memoryFromNowOn() };
}

export async function onnxruntime(file: Uint8Array, feeds: Feeds, threads: number): Promise<Contestant> {
  const { ort, memory } = await startOrt(threads);
  const session = await ort.InferenceSession.create(file, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(type as 'float32', data as Float32Array, dims),
    ]),
  );
  return {
    name: 'onnxruntime-web',
    async run() {
      const start = performance.now();
      await session.run(inputs);
      const ms = performance.now() - start;
      return { engine: ms, call: ms };
    },
    outputs: async () => (await session.run(inputs)) as unknown as Record<string, Tensor>,
    memory: async () => memory(),
    dispose: () => session.release(),
  };
}
