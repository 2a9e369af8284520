// What crosses between the library and its worker. Methods is the one table of calls: the client calls its rows
// by name (rpc.ts), the worker implements every row (worker/api.ts), and the compiler keeps both in step.

import type { ErrorFields } from './error';
import type {
  Capabilities,
  Comparison,
  ModelGraph,
  ModelSummary,
  NodeTime,
  Progress,
  Recipe,
  Report,
  RiskReport,
  TensorType,
} from './types';

/** A tensor on the wire: packed little-endian elements, or strings. */
export interface WireTensor {
  type: TensorType;
  dims: number[];
  data: Uint8Array | string[];
}

export interface NamedTensor {
  name: string;
  tensor: WireTensor;
}

export type Source = Blob | Uint8Array;

/** A C++ object that the worker holds until it is released. */
export type Handle = number;

export interface Loaded {
  handle: Handle;
  summary: ModelSummary;
}

export interface WireRun {
  outputs: NamedTensor[];
  taps: NamedTensor[];
  profile: NodeTime[];
  ms: number;
}

export interface WireEvaluation {
  samples: number;
  accuracy: number;
  top5: number;
  macroF1: number;
  classes: number;
  /** classes x classes, row = truth. */
  confusion: Float64Array;
}

export interface EngineOptions {
  wasmBase: string;
  variant: 'auto' | 'simd' | 'relaxed';
  /** An upper bound, or null for what pays on this machine. */
  threads: number | null;
}

export interface Methods {
  /** Handles count from firstHandle on, so that those of a worker that died are never mistaken for this one's. */
  init(options: EngineOptions, firstHandle: Handle): Capabilities;
  load(source: Source, externalData: Map<string, Source>): Loaded;
  graph(model: Handle): ModelGraph;
  run(model: Handle, feeds: NamedTensor[], taps: string[], profile: boolean): WireRun;
  exportOnnx(model: Handle, format: string): Uint8Array;
  risks(model: Handle): RiskReport;
  /** What a copy of it takes while it runs. */
  memoryOf(model: Handle, feeds: NamedTensor[]): { bytes: number };
  compare(reference: Handle, other: Handle, feeds: NamedTensor[]): Comparison;
  applyStart(model: Handle, recipe: Recipe): { handle: Handle; wantsData: boolean };
  applyObserve(run: Handle, feeds: NamedTensor[]): void;
  applyEndSweep(run: Handle): { wantsData: boolean };
  /** Ends the run: its handle is gone afterwards. */
  applyFinish(run: Handle): Loaded & { report: Report };
  evaluateStart(): { handle: Handle };
  evaluateAdd(evaluator: Handle, model: Handle, feeds: NamedTensor[], labels: number[]): void;
  evaluateReport(evaluator: Handle): WireEvaluation;
  release(handle: Handle): void;
  memory(): { heapBytes: number; usedBytes: number };
}

export type Method = keyof Methods;
export type Args<M extends Method> = Parameters<Methods[M]>;
export type Answer<M extends Method> = ReturnType<Methods[M]>;

export type Request =
  | { kind: 'call'; id: number; method: Method; args: readonly unknown[]; cancelFlag: SharedArrayBuffer | null }
  | { kind: 'cancel'; id: number };

export type Reply =
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorFields }
  | { kind: 'progress'; id: number; progress: Progress }
  /** The WebAssembly instance is beyond use: the worker has to be replaced. */
  | { kind: 'fatal'; id: number; error: ErrorFields };
