// A model as the caller holds it: a handle in the worker, and how to get it back when the worker has died.

import { fail } from './error';
import type { Handle, Loaded, Source } from './protocol';
import { withHistogramsAfter } from './quantized_histogram';
import type { Rpc } from './rpc';
import { forEachItem, isOneShot, lengthOf } from './stream';
import { fromWireList, transferList, wireFeeds } from './tensors';
import type {
  ApplyOptions,
  CallOptions,
  ExportOptions,
  Feeds,
  HalftoneModel,
  ModelGraph,
  ModelSummary,
  Recipe,
  Report,
  RiskReport,
  RunOptions,
  RunResult,
  Sensitivity,
  SensitivityOptions,
} from './types';

/** Where a model came from, as far as it can be had again without holding memory. */
export interface Origin {
  source: Blob;
  externalData: Map<string, Source>;
}

interface Place {
  handle: Handle;
  generation: number;
}

// Safety net for models that were dropped without dispose().
const dropped = new FinalizationRegistry<{ rpc: Rpc; place: Place }>(({ rpc, place }) =>
  rpc.notify(place.generation, place.handle),
);

export class Model implements HalftoneModel {
  readonly summary: ModelSummary;
  readonly report: Report | null;
  readonly #rpc: Rpc;
  readonly #origin: Origin | null;
  /** One object for the model's life: the registry above must not hold the model itself. */
  readonly #place: Place;
  #reloading: Promise<void> | null = null;
  #disposed = false;

  constructor(rpc: Rpc, loaded: Loaded, origin: Origin | null, report: Report | null) {
    this.#rpc = rpc;
    this.summary = loaded.summary;
    this.report = report;
    this.#origin = origin;
    this.#place = { handle: loaded.handle, generation: rpc.generation };
    dropped.register(this, { rpc, place: this.#place }, this);
  }

  belongsTo(rpc: Rpc): boolean {
    return this.#rpc === rpc;
  }

  /** The handle in the living worker; loads the model again where a worker has died meanwhile. */
  async handle(): Promise<Handle> {
    if (this.#disposed) throw fail('invalid_argument', 'This model has been disposed.', '', 'Load it again.');
    await this.#rpc.start();
    if (this.#place.generation !== this.#rpc.generation) {
      this.#reloading ??= this.#reload().finally(() => {
        this.#reloading = null;
      });
      await this.#reloading;
    }
    return this.#place.handle;
  }

  async #reload(): Promise<void> {
    if (!this.#origin) {
      throw fail(
        'engine_lost',
        'The engine stopped and this model was lost with it.',
        '',
        'Load it or apply its recipe again.',
      );
    }
    const { handle } = await this.#rpc.call('load', [this.#origin.source, this.#origin.externalData]);
    Object.assign(this.#place, { handle, generation: this.#rpc.generation });
    if (this.#disposed) this.#rpc.notify(this.#place.generation, handle);
  }

  async graph(): Promise<ModelGraph> {
    return this.#rpc.call('graph', [await this.handle()]);
  }

  async risks(): Promise<RiskReport> {
    return this.#rpc.call('risks', [await this.handle()]);
  }

  async sensitivity({
    before = [],
    quantize = { pass: 'quantize_static' },
    feeds = 8,
    labels = [],
    ...options
  }: SensitivityOptions): Promise<Sensitivity> {
    const scan = { pass: 'fall_back', nodes: 0, feeds, labels: labels.map(String) };
    const measured = await this.apply([...before, scan, quantize], options);
    const step = measured.report?.steps[before.length];
    measured.dispose();
    return step as unknown as Sensitivity;
  }

  async run(feeds: Feeds, { profile = false, taps = [], signal }: RunOptions = {}): Promise<RunResult> {
    const wire = wireFeeds(feeds);
    const handle = await this.handle();
    const result = await this.#rpc.call('run', [handle, wire, [...taps], profile], {
      ...(signal && { signal }),
      transfer: transferList(wire),
    });
    return { ...result, outputs: fromWireList(result.outputs), taps: fromWireList(result.taps) };
  }

  async apply(recipe: Recipe, { calibration, onProgress, signal }: ApplyOptions = {}): Promise<Model> {
    const options: CallOptions = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
    const { generation } = this.#rpc;
    const release = ({ handle }: { handle: Handle }) => this.#rpc.notify(generation, handle);
    let run = await this.#rpc.call('applyStart', [await this.handle(), recipe], { ...options, discard: release });
    try {
      const { handle } = run;
      for (let sweep = 0; run.wantsData; ++sweep) {
        if (!calibration) {
          throw fail(
            'invalid_argument',
            'This recipe needs calibration data.',
            'calibration',
            'Give `calibration`: an array of feeds.',
          );
        }
        if (sweep > 0 && isOneShot(calibration, 'calibration')) {
          throw fail(
            'invalid_argument',
            'This recipe looks at the calibration data more than once, but a generator can be read only once.',
            'calibration',
            'Give an array, or an object whose [Symbol.iterator] or [Symbol.asyncIterator] starts anew each time.',
          );
        }
        const total = lengthOf(calibration);
        await forEachItem(calibration, 'calibration', signal, async (feeds, index) => {
          const wire = wireFeeds(feeds);
          // Progress is counted here, where the number of items may be known.
          await this.#rpc.call('applyObserve', [handle, wire], {
            ...(signal && { signal }),
            transfer: transferList(wire),
          });
          onProgress?.({ stage: 'calibrate', done: index + 1, total });
        });
        run = { handle, ...(await this.#rpc.call('applyEndSweep', [handle], options)) };
      }
      const { report, ...loaded } = await this.#rpc.call('applyFinish', [handle], { ...options, discard: release });
      return new Model(this.#rpc, loaded, null, withHistogramsAfter(report));
    } catch (error) {
      release(run);
      throw error;
    }
  }

  async export({ format = 'qdq' }: ExportOptions = {}): Promise<Uint8Array> {
    return this.#rpc.call('exportOnnx', [await this.handle(), format]);
  }

  async memory(feeds: Feeds, { signal }: { signal?: AbortSignal } = {}): Promise<{ bytes: number }> {
    const wire = wireFeeds(feeds);
    return this.#rpc.call('memoryOf', [await this.handle(), wire], {
      ...(signal && { signal }),
      transfer: transferList(wire),
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    dropped.unregister(this);
    this.#rpc.notify(this.#place.generation, this.#place.handle);
  }
}
