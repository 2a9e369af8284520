// Cancelling, and a worker that dies.
import { syncBuiltinESMExports } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import workerThreads, { type Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, Halftone, type HalftoneModel, rejection } from '../support/library';
import { heavyModel, tinyFeeds, tinyModel } from '../support/tiny';

let engine: Engine;
let model: HalftoneModel;

beforeAll(async () => {
  engine = await Halftone.create();
  model = await engine.load(tinyModel());
});
afterAll(() => engine.dispose());

const recipe = [{ pass: 'quantize_static' }];

describe('cancel', () => {
  it('before the call begins', async () => {
    const signal = AbortSignal.abort();
    const calls = [
      engine.load(tinyModel(), { signal }),
      model.run(tinyFeeds(1), { signal }),
      model.apply(recipe, { calibration: [tinyFeeds(1)], signal }),
      engine.compare(model, model, tinyFeeds(1), { signal }),
      engine.evaluate(model, [{ feeds: tinyFeeds(1), labels: [0] }], { signal }),
    ];
    for (const call of calls) expect((await rejection(call)).code).toBe('cancelled');
  });

  it('load: stops reading, and frees what was read', async () => {
    const bytes = heavyModel(32 << 20);
    const start = (await engine.memory()).usedBytes;
    const controller = new AbortController();
    let last = 0;
    const loading = engine.load(bytes, {
      signal: controller.signal,
      onProgress: ({ done }) => {
        last = done;
        controller.abort();
      },
    });
    expect((await rejection(loading)).code).toBe('cancelled');
    expect((await engine.memory()).usedBytes - start).toBeLessThan(64 << 10);
    expect(last).toBeLessThan(bytes.length);
  });

  it('apply: at once, even while the caller’s iterator hangs', async () => {
    const start = (await engine.memory()).usedBytes;
    const controller = new AbortController();
    let returned = false;
    const hanging: AsyncIterable<ReturnType<typeof tinyFeeds>> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          setTimeout(() => controller.abort(), 5);
          return new Promise(() => {});
        },
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const applying = model.apply(recipe, { calibration: hanging, signal: controller.signal });
    expect((await rejection(applying)).code).toBe('cancelled');
    expect(returned).toBe(true);
    expect((await engine.memory()).usedBytes - start).toBeLessThan(64 << 10);
  });

  it('apply: between feeds, and the generator is closed', async () => {
    const controller = new AbortController();
    let closed = false;
    let given = 0;
    function* endless() {
      try {
        for (;;) {
          ++given;
          yield tinyFeeds(given);
        }
      } finally {
        closed = true;
      }
    }
    const applying = model.apply(recipe, {
      calibration: endless(),
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 5) controller.abort();
      },
    });
    expect((await rejection(applying)).code).toBe('cancelled');
    expect(closed).toBe(true);
    expect(given).toBeLessThan(10);
  });

  it('a result that comes late is disposed', async () => {
    const bytes = heavyModel(2 << 20);
    const start = (await engine.memory()).usedBytes;
    for (let i = 0; i < 5; ++i) {
      const controller = new AbortController();
      const loading = engine.load(bytes, { signal: controller.signal });
      setTimeout(() => controller.abort(), i);
      await loading.then((m) => m.dispose()).catch(() => {});
    }
    expect((await engine.memory()).usedBytes - start).toBeLessThan(64 << 10);
  });

  it('the engine goes on after cancelling', async () => {
    expect((await model.run(tinyFeeds(1))).outputs.scores?.dims).toEqual([1, 4]);
  });
});

describe('a model that is dropped without dispose()', () => {
  it('is freed when JavaScript collects it', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = async () => (await engine.memory()).usedBytes;
    const start = await used();
    await (async () => {
      const dropped = await engine.load(heavyModel(4 << 20));
      expect(dropped.summary.nodes).toBe(1);
    })();
    expect((await used()) - start).toBeGreaterThan(4 << 20);
    for (let i = 0; i < 50 && (await used()) - start > 64 << 10; ++i) {
      collect();
      await new Promise((resume) => setTimeout(resume, 20));
    }
    expect((await used()) - start).toBeLessThan(64 << 10);
  });
});

describe('a worker that dies', () => {
  let victim: Engine;
  let worker: Worker;

  beforeEach(async () => {
    [victim, worker] = await createWatched();
  });
  afterEach(() => victim.dispose());

  /** An engine and its worker, caught as it is made. */
  async function createWatched(): Promise<[Engine, Worker]> {
    const { Worker: Original } = workerThreads;
    let made: Worker | undefined;
    workerThreads.Worker = class extends Original {
      constructor(...args: ConstructorParameters<typeof Original>) {
        super(...args);
        made = this;
      }
    };
    syncBuiltinESMExports();
    try {
      const created = await Halftone.create();
      if (!made) throw new Error('no worker was made');
      return [created, made];
    } finally {
      workerThreads.Worker = Original;
      syncBuiltinESMExports();
    }
  }

  const lost = { code: 'engine_lost', hint: expect.stringMatching(/load/i) };

  it.each([
    ['is killed', () => void worker.terminate()],
    // A run without feeds is nothing that the library would send: the bindings throw out of WebAssembly.
    [
      'throws',
      () => worker.postMessage({ kind: 'call', id: 1e6, method: 'run', args: [2 ** 32 + 1], cancelFlag: null }),
    ],
  ])('%s: pending calls reject, and the engine starts again', async (_, kill) => {
    const kept = await victim.load(new Blob([tinyModel() as BlobPart]));
    const given = await victim.load(tinyModel());
    const before = (await kept.run(tinyFeeds(1))).outputs;

    kill();
    const pending = [kept.run(tinyFeeds(1)), given.graph(), victim.memory()];
    for (const call of pending) expect(await rejection(call)).toMatchObject(lost);

    // A model from a Blob comes back by itself; one from bytes that we do not keep says what to do.
    expect((await kept.run(tinyFeeds(1))).outputs).toEqual(before);
    expect(await rejection(given.run(tinyFeeds(1)))).toMatchObject(lost);
    given.dispose();
    const fresh = await victim.load(tinyModel());
    expect((await fresh.run(tinyFeeds(1))).outputs).toEqual(before);
  });

  it('during a recipe', async () => {
    const kept = await victim.load(new Blob([tinyModel() as BlobPart]));
    function* feeds() {
      yield tinyFeeds(1);
      void worker.terminate();
      yield tinyFeeds(2);
      yield tinyFeeds(3);
    }
    expect(await rejection(kept.apply(recipe, { calibration: feeds() }))).toMatchObject({ code: 'engine_lost' });
    const quantized = await kept.apply(recipe, { calibration: [tinyFeeds(1)] });
    expect(quantized.summary.quantized).toBe(true);
  });

  it('calls after dispose() say so', async () => {
    const kept = await victim.load(tinyModel());
    victim.dispose();
    expect((await rejection(kept.run(tinyFeeds(1)))).code).toBe('invalid_argument');
    expect((await rejection(victim.load(tinyModel()))).code).toBe('invalid_argument');
  });
});
