// What is known of a model without running it: its inputs and outputs and what they are for, its graph.
import type { TensorType } from './tensor';

/** A dimension: a size, a symbol such as "batch", or null when nothing is known. */
export type Dim = number | string | null;

export interface ValueSummary {
  name: string;
  type: TensorType | 'unknown';
  /** null: unknown rank. */
  shape: Dim[] | null;
}

/** How pictures were turned into numbers in training: a guess, best first, confidence from 0 to 1. */
export interface NormalizationGuess {
  id: 'raw' | 'unit' | 'signed' | 'imagenet' | 'caffe' | 'cifar' | 'ultralight';
  confidence: number;
  reason:
    | 'bytes'
    | 'quantizedRange'
    | 'firstLayer'
    | 'producer'
    | 'caffe2'
    | 'imagenet'
    | 'cifar'
    | 'digits'
    | 'detector'
    | 'unknown';
}

/** What an input wants, as far as the graph says so. A size is null where it is free. */
export type InputUse = { name: string; reason: string } & (
  | {
      kind: 'image';
      layout: 'nchw' | 'nhwc';
      channels: 1 | 3 | 4;
      width: number | null;
      height: number | null;
      batch: number | null;
      normalizations: NormalizationGuess[];
    }
  | { kind: 'tokens' | 'audio'; length: number | null }
  /** width and height: the square that so many numbers may be. */
  | { kind: 'vector'; length: number | null; width?: number; height?: number }
  /** Carried from one run to the next; zeros to begin with. */
  | { kind: 'state' | 'unknown' }
);

export type ScoreKind = 'softmax' | 'sigmoid' | 'logSoftmax' | 'logits';

/** What an output is, as far as the graph says so. */
export type OutputUse = { name: string; reason: string } & (
  | { kind: 'classes'; classes: number; scores: ScoreKind }
  | { kind: 'box_scores'; scores: ScoreKind }
  | { kind: 'boxes' | 'image' | 'sequence' | 'embedding' | 'state' | 'unknown' }
);

export interface ModelIo {
  inputs: InputUse[];
  outputs: OutputUse[];
}

export interface ModelSummary {
  inputs: ValueSummary[];
  outputs: ValueSummary[];
  nodes: number;
  parameters: number;
  macs: number;
  bytes: number;
  opset: number;
  irVersion: number;
  producer: string;
  quantized: boolean;
  operators: { op: string; domain: string; count: number; supported: boolean }[];
  /** Operators that cannot run here, with the nodes that use them. */
  unsupported: { op: string; domain: string; nodes: string[] }[];
  /** What it wants and gives: guesses with their reasons. */
  io?: ModelIo;
}

export interface GraphNode {
  id: number;
  name: string;
  op: string;
  domain: string;
  inputs: (string | null)[];
  outputs: (string | null)[];
  attributes: Record<string, unknown>;
  macs: number;
}

/** What a value's integers mean: scale * (q - zero point), one pair or one for each index along `axis` (or block of it). */
export interface ValueQuant {
  /** The first 64 of `count`. */
  scales: number[];
  zeroPoints: number[];
  count: number;
  axis?: number;
  blockSize?: number;
}

export interface ModelGraph {
  nodes: GraphNode[];
  values: (ValueSummary & { constant: boolean; bytes: number; quant?: ValueQuant })[];
}
