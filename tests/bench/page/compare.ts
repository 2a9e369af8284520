// One model, float and int8, by every engine: loads, checks that the outputs agree, measures. The int8 file is the one
// given where it is quantized already, else ours, exported as QDQ; all engines run the same bytes.

import type { Engine, ModelSummary, NodeTime, Tensor } from '../../../web/src/engine/types';
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
  /** 0: not known for this input. */
  macs: number;
  bytes: { f32: number; int8: number };
  variant: string;
  dot: string;
  /** Asked for, and what our engine made of it. */
  threads: number;
  engineThreads: number;
  /** Which of the limits binds each kind. */
  limitOf: { f32: Limit; int8: Limit };
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

/** Whether the summary's multiply-accumulates, which take unknown sizes for one, are those of these feeds. */
function sizesAreKnown({ inputs }: ModelSummary, feeds: Files['feeds']): boolean {
  return inputs.every(({ name, shape }) =>
    feeds[name]?.dims.every((size, i) => size === 1 || typeof shape?.[i] === 'number'),
  );
}

/** Quantizes by an engine that ends here, so that nothing of it counts as memory of a contestant. */
async function prepareFiles({ model: name, libraries, threads, variant }: CompareOptions): Promise<Files> {
  const bytes = await modelBytes(name);
  const engine = await startHalftone(libraries[0] as string, { threads, variant });
  try {
    const model = await engine.load(bytes);
    const feeds = seededFeeds(name, model.summary, 1);
    const macs = sizesAreKnown(model.summary, feeds) ? model.summary.macs : 0;
    const common = { capabilities: engine.capabilities, macs, feeds, whyNoInt8: '' };
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
    return halftone(library, engine, model, feeds);
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
    entry.agreement = Number.isNaN(db) ? 0 : db === Number.POSITIVE_INFINITY ? null : db;
  }
}

/** Every engine with the file of one kind; empty: there is none. Ours comes first. */
async function enter(kind: Entry['kind'], files: Files, options: CompareOptions): Promise<Prepared[]> {
  const file = files[kind];
  const { libraries, peers, threads } = options;
  if (!file && kind === 'f32') return [];
  const entered: Prepared[] = [];
  for (const library of libraries) {
    const start = async () => {
      if (!file) throw new Error(files.whyNoInt8);
      return startOurs(library, file, files.feeds, options);
    };
    entered.push(await prepare(kind, library, start));
  }
  // What we cannot run has nothing to be compared with.
  if (!file || !entered[0]?.contestant || !peers) return entered;
  entered.push(await prepare(kind, 'onnxruntime-web', () => onnxruntime(file, files.feeds, threads)));
  const network = builtNetwork(options.model);
  if (network && kind === 'f32') {
    const start = async () => {
      const { tensorflow } = await import('./tensorflow');
      return tensorflow(network, SEED, Object.values(files.feeds)[0] as Tensor, threads);
    };
    entered.push(await prepare(kind, 'TensorFlow.js', start));
  }
  await checkAgreement(entered);
  return entered;
}

async function finish({ entry, contestant }: Prepared, times: Time[][] | undefined, profile: boolean): Promise<void> {
  if (!contestant) return;
  entry.times = times ?? null;
  entry.memory = await contestant.memory();
  for (let k = 0; profile && contestant.profile && k < PROFILES; ++k) entry.profile.push(await contestant.profile());
  await contestant.dispose();
}

/** The best that the variant's instructions can do. */
const limitsOf = (variant: string): { f32: Limit; int8: Limit } =>
  variant === 'relaxed' ? { f32: 'relaxed_madd', int8: 'relaxed_dot' } : { f32: 'mul_add', int8: 'dot_i16x8' };

export async function compareModel(options: CompareOptions): Promise<ModelResult> {
  const files = await prepareFiles(options);
  const { variant, dot, threads: engineThreads } = files.capabilities;
  const entered = [...(await enter('f32', files, options)), ...(await enter('int8', files, options))];
  const running = entered.filter(({ contestant }) => contestant);
  const contestants = running.map(({ contestant }) => contestant as Contestant);
  const limitOf = limitsOf(variant);
  const limitThreads = new LimitThreads(engineThreads);
  const measured = await measure(contestants, Object.values(limitOf), limitThreads, options.pace);
  limitThreads.dispose();
  for (const [i, prepared] of running.entries()) await finish(prepared, measured.times[i], options.profile);
  return {
    model: options.model,
    macs: files.macs,
    bytes: { f32: files.f32?.length ?? 0, int8: files.int8?.length ?? 0 },
    ...{ variant, dot, threads: options.threads, engineThreads, limitOf, limits: measured.limits },
    entries: entered.map(({ entry }) => entry),
  };
}
