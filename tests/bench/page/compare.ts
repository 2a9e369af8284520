// One model, float and int8, by every engine: loads, checks that the outputs agree, measures. The int8 file is the one
// given where it is quantized already, else ours, exported as QDQ; all engines run the same bytes.

import type { Engine, NodeTime, Tensor } from '../../../web/src/engine/types';
import { sqnr } from '../../web/support/agreement';
import { type Contestant, type EngineOptions, halftone, onnxruntime, startHalftone, type Time } from './contestants';
import type { Limit } from './limits';
import { LimitThreads, measure, type Pace } from './measure';
import { builtNetwork, modelBytes, SEED, seededFeeds } from './models';

export interface CompareOptions extends EngineOptions {
  model: string;
  /** Folders of the site that hold a built library: the first is ours, the others are compared with it. */
  libraries: string[];
  peers: boolean;
  profile: boolean;
  pace: Pace;
}

export interface Entry {
  kind: 'f32' | 'int8';
  engine: string;
  /** null: it could not run this model, for this reason. */
  times: Time[][] | null;
  error: string | null;
  memory: number;
  /** Signal to noise of the outputs against our first library's, in dB; null: equal, or not floats. */
  agreement: number | null;
  profile: NodeTime[][];
}

export interface ModelResult {
  model: string;
  macs: number;
  bytes: { f32: number; int8: number };
  variant: string;
  dot: string;
  /** Asked for, and what our engine made of it. */
  threads: number;
  engineThreads: number;
  limits: Record<string, number[]>;
  entries: Entry[];
}

const CALIBRATION = 4;
const PROFILES = 7;

const messageOf = (error: unknown) => {
  const { message, where } = error as { message?: string; where?: string };
  return where ? `${message} [${where}]` : (message ?? String(error));
};

interface Files {
  capabilities: Engine['capabilities'];
  macs: number;
  f32: Uint8Array | null;
  int8: Uint8Array | null;
  whyNoInt8: string;
  feeds: ReturnType<typeof seededFeeds>;
}

/** Quantizes by an engine that ends here, so that nothing of it counts as memory of a contestant. */
async function prepareFiles({ model: name, libraries, variant }: CompareOptions): Promise<Files> {
  const bytes = await modelBytes(name);
  const engine = await startHalftone(libraries[0] as string, { threads: 1, variant });
  try {
    const model = await engine.load(bytes);
    const feeds = seededFeeds(name, model.summary, 1);
    const common = { capabilities: engine.capabilities, macs: model.summary.macs, feeds, whyNoInt8: '' };
    if (model.summary.quantized) return { ...common, f32: null, int8: bytes };
    try {
      const calibration = Array.from({ length: CALIBRATION }, (_, i) => seededFeeds(name, model.summary, 2 + i));
      const quantized = await model.apply([{ pass: 'quantize_static' }], { calibration });
      return { ...common, f32: bytes, int8: await quantized.export({ format: 'qdq' }) };
    } catch (error) {
      return { ...common, f32: bytes, int8: null, whyNoInt8: messageOf(error) };
    }
  } finally {
    engine.dispose();
  }
}

async function startOurs(library: string, file: Uint8Array, feeds: Files['feeds'], options: EngineOptions) {
  const engine: Engine = await startHalftone(library, options);
  try {
    const model = await engine.load(new Blob([file as Uint8Array<ArrayBuffer>]));
    await model.run(feeds);
    return { engine, contestant: halftone(library, engine, model, feeds) };
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

interface Prepared {
  entry: Entry;
  contestant: Contestant | null;
}

async function prepare(kind: Entry['kind'], engine: string, start: () => Promise<Contestant>): Promise<Prepared> {
  const entry: Entry = { kind, engine, times: null, error: null, memory: 0, agreement: null, profile: [] };
  try {
    const contestant = await start();
    await contestant.run();
    return { entry, contestant };
  } catch (error) {
    return { entry: { ...entry, error: messageOf(error) }, contestant: null };
  }
}

/** dB of every other engine's outputs against those of the first. */
async function checkAgreement(prepared: Prepared[]): Promise<void> {
  const [first, ...others] = prepared;
  const reference = await first?.contestant?.outputs();
  if (!reference || Object.values(reference).some(({ type }) => type !== 'float32')) return;
  for (const { entry, contestant } of others) {
    if (!contestant) continue;
    const db = sqnr(reference, await contestant.outputs());
    entry.agreement = Number.isFinite(db) ? db : null;
  }
}

/** Limits that the variant can reach: float, int8. */
export const limitsOf = (variant: string): { f32: Limit; int8: Limit } =>
  variant === 'relaxed' ? { f32: 'relaxed_madd', int8: 'relaxed_dot' } : { f32: 'mul_add', int8: 'dot_i16x8' };

export async function compareModel(options: CompareOptions): Promise<ModelResult> {
  const files = await prepareFiles(options);
  const prepared: Prepared[] = [];
  let capabilities: Pick<Engine['capabilities'], 'variant' | 'dot' | 'threads'> | undefined;
  for (const kind of ['f32', 'int8'] as const) {
    const file = files[kind];
    if (!file && kind === 'f32') continue;
    const group: Prepared[] = [];
    for (const library of options.libraries) {
      const start = async () => {
        if (!file) throw new Error(files.whyNoInt8);
        const ours = await startOurs(library, file, files.feeds, options);
        capabilities ??= ours.engine.capabilities;
        return ours.contestant;
      };
      group.push(await prepare(kind, library, start));
    }
    if (file && options.peers) {
      group.push(await prepare(kind, 'onnxruntime-web', () => onnxruntime(file, files.feeds, options.threads)));
    }
    const network = builtNetwork(options.model);
    if (network && kind === 'f32' && options.peers) {
      const start = async () => {
        const { tensorflow } = await import('./tensorflow');
        return tensorflow(network, SEED, Object.values(files.feeds)[0] as Tensor, options.threads);
      };
      group.push(await prepare(kind, 'TensorFlow.js', start));
    }
    await checkAgreement(group);
    prepared.push(...group);
  }
  const { variant, dot, threads } = capabilities ?? files.capabilities;
  const limitThreads = new LimitThreads(threads);
  const running = prepared.flatMap(({ entry, contestant }) => (contestant ? [{ entry, contestant }] : []));
  const limits = [...new Set(Object.values(limitsOf(variant)))];
  const contestants = running.map(({ contestant }) => contestant);
  const measured = await measure(contestants, limits, limitThreads, options.pace);
  limitThreads.dispose();
  for (const [i, { entry, contestant }] of running.entries()) {
    entry.times = measured.times[i] ?? null;
    entry.memory = await contestant.memory();
    for (let k = 0; options.profile && contestant.profile && k < PROFILES; ++k) {
      entry.profile.push(await contestant.profile());
    }
    await contestant.dispose();
  }
  return {
    model: options.model,
    macs: files.macs,
    bytes: { f32: files.f32?.length ?? 0, int8: files.int8?.length ?? 0 },
    ...{ variant, dot, threads: options.threads, engineThreads: threads, limits: measured.limits },
    entries: prepared.map(({ entry }) => entry),
  };
}
