// Halftone: the engine as pages, workers and Node programs see it. Everything happens in its worker.

import { fail } from './error';
import { Model, type Origin } from './model';
import type { Source } from './protocol';
import { Rpc } from './rpc';
import { forEachItem, lengthOf } from './stream';
import { transferList, wireFeeds } from './tensors';
import type {
  CallOptions,
  Capabilities,
  Comparison,
  CreateOptions,
  Engine,
  Evaluation,
  Feeds,
  HalftoneModel,
  LabelledFeeds,
  LoadOptions,
} from './types';

function isBlob(source: unknown): source is Blob {
  return typeof Blob !== 'undefined' && source instanceof Blob;
}

function checkSource(source: unknown, where: string): Source {
  if (isBlob(source)) return source;
  if (ArrayBuffer.isView(source) && Object.prototype.toString.call(source) === '[object Uint8Array]') {
    // A copy of just this view, to be transferred.
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  }
  throw fail('invalid_argument', 'A file is a Blob (or File) or a Uint8Array.', where);
}

function checkLabels(labels: unknown): number[] {
  if (!Array.isArray(labels) || !labels.every((l) => Number.isSafeInteger(l) && l >= 0 && l < 2 ** 31)) {
    throw fail(
      'invalid_input',
      'Labels are a list of class indices.',
      'labels',
      'One integer for each item of the batch.',
    );
  }
  return [...labels];
}

export class Halftone implements Engine {
  readonly capabilities: Capabilities;
  readonly #rpc: Rpc;

  private constructor(rpc: Rpc, capabilities: Capabilities) {
    this.#rpc = rpc;
    this.capabilities = capabilities;
  }

  /** Starts a worker and loads the engine in it. Errors: io (its files), engine_lost, invalid_argument. */
  static async create({
    threads,
    variant = 'auto',
    wasmBase = new URL(/* @vite-ignore */ '.', import.meta.url),
  }: CreateOptions = {}): Promise<Halftone> {
    if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1))
      throw fail('invalid_argument', 'threads is a whole number from 1 on.', 'threads');
    if (!['auto', 'simd', 'relaxed'].includes(variant)) {
      throw fail(
        'invalid_argument',
        `There is no variant ${JSON.stringify(variant)}.`,
        'variant',
        "Use 'auto', 'simd' or 'relaxed'.",
      );
    }
    const base = String(wasmBase);
    const rpc = new Rpc({ wasmBase: base.endsWith('/') ? base : `${base}/`, variant, threads: threads ?? null });
    return new Halftone(rpc, await rpc.start());
  }

  async load(
    source: Blob | Uint8Array,
    { externalData = {}, onProgress, signal }: LoadOptions = {},
  ): Promise<HalftoneModel> {
    const file = checkSource(source, 'source');
    const external = new Map(
      Object.entries(externalData).map(([location, data]) => [location, checkSource(data, location)]),
    );
    // A Blob costs nothing to keep, so that the model can be loaded again if the worker dies.
    const keep = isBlob(source) && [...external.values()].every(isBlob);
    const origin: Origin | null = keep ? { source, externalData: external } : null;
    const { generation } = this.#rpc;
    const loaded = await this.#rpc.call('load', [file, external], {
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
      transfer: [file, ...external.values()].flatMap((s) => (s instanceof Uint8Array ? [s.buffer as ArrayBuffer] : [])),
      discard: ({ handle }) => this.#rpc.notify(generation, handle),
    });
    return new Model(this.#rpc, loaded, origin, null);
  }

  #own(model: HalftoneModel, where: string): Model {
    if (model instanceof Model && model.belongsTo(this.#rpc)) return model;
    throw fail('invalid_argument', 'This is not a model of this engine.', where, 'Load it with the same engine.');
  }

  async compare(
    reference: HalftoneModel,
    other: HalftoneModel,
    feeds: Feeds,
    options: CallOptions = {},
  ): Promise<Comparison> {
    const [a, b] = [this.#own(reference, 'reference'), this.#own(other, 'other')];
    const wire = wireFeeds(feeds);
    const handles = [await a.handle(), await b.handle()] as const;
    return this.#rpc.call('compare', [...handles, wire], { ...options, transfer: transferList(wire) });
  }

  async evaluate(
    model: HalftoneModel,
    dataset: Iterable<LabelledFeeds> | AsyncIterable<LabelledFeeds>,
    options: CallOptions = {},
  ): Promise<Evaluation> {
    const own = this.#own(model, 'model');
    const target = await own.handle();
    const { generation } = this.#rpc;
    const { handle } = await this.#rpc.call('evaluateStart', []);
    try {
      const total = lengthOf(dataset);
      await forEachItem(dataset, 'dataset', options.signal, async ({ feeds, labels }, index) => {
        const wire = wireFeeds(feeds);
        await this.#rpc.call('evaluateAdd', [handle, target, wire, checkLabels(labels)], {
          ...options,
          transfer: transferList(wire),
        });
        options.onProgress?.({ stage: 'evaluate', done: index + 1, total });
      });
      const { classes, confusion, ...metrics } = await this.#rpc.call('evaluateReport', [handle], options);
      const rows = Array.from({ length: classes }, (_, row) => [
        ...confusion.subarray(row * classes, (row + 1) * classes),
      ]);
      return { ...metrics, confusion: rows };
    } finally {
      this.#rpc.notify(generation, handle);
    }
  }

  memory(): Promise<{ heapBytes: number; usedBytes: number }> {
    return this.#rpc.call('memory', []);
  }

  /** Ends the worker; models of this engine are gone. */
  dispose(): void {
    this.#rpc.close();
  }
}
