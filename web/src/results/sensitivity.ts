// What is known of layers that were quantized alone, and of quantizing all of them. Pure.
import type { Sensitivity, StepReport, TrialResult } from '../engine/types';

/** A layer that was tried; what leaving it in float wins and costs is known where the engine's scan was used. */
export type ScannedLayer = TrialResult & { node: string } & Partial<Sensitivity['layers'][number] & { kept: boolean }>;

/** A whole scan, or as much of one as a step could be asked for. The most sensitive layer comes first. */
export type Scan = { layers: readonly ScannedLayer[] } & Partial<Omit<Sensitivity, 'layers'>> & { after?: TrialResult };

const isScan = (report: StepReport): boolean => Array.isArray(report.layers) && typeof report.suggestion === 'object';

/** What a step that scanned reports; null: it did not. */
export const scanOf = (report: StepReport): Scan | null => (isScan(report) ? (report as unknown as Scan) : null);

/** A layer of an allocation: the width it got, and what each width would have cost the output. */
export interface AllocatedLayer {
  node: string;
  op: string;
  elements: number;
  bits: number;
  widths: { bits: number; sqnr: number | null }[];
}

export interface Allocation {
  budget: number;
  /** In the budget's unit. */
  cost: number;
  meanBits: number;
  bytes: number;
  predicted: number | null;
  after: TrialResult;
  layers: AllocatedLayer[];
  /** The best error at each cost, from the cheapest on. */
  front: { cost: number; sqnr: number | null }[];
}

export const allocationOf = (report: StepReport): Allocation | null =>
  Array.isArray(report.front) && typeof report.meanBits === 'number' ? (report as unknown as Allocation) : null;

/** How many layers got each width, the narrowest first. */
export function widthCounts(layers: readonly Pick<AllocatedLayer, 'bits'>[]): [bits: number, count: number][] {
  const counts = new Map<number, number>();
  for (const { bits } of layers) counts.set(bits, (counts.get(bits) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

type Fact = 'divergence' | 'agreement' | 'accuracy' | 'gain' | 'bytes';
const FACTS: readonly Fact[] = ['divergence', 'agreement', 'accuracy', 'gain', 'bytes'];

/** What was measured beside the signal to noise. */
export const factsOf = (layers: readonly ScannedLayer[]): Fact[] =>
  FACTS.filter((fact) => layers.some((layer) => layer[fact] !== undefined));

/** The step that leaves these nodes in float. */
export const keptInFloat = (pass: string, list: string, nodes: readonly string[]) => ({
  pass,
  [list]: nodes.map((where) => ({ where, keep_float: true })),
});
