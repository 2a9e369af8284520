// The library itself in Chromium: in a page, in a worker, with and without isolation; both SIMD variants give the
// integers that Node gives, with any number of threads.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isolation } from '../../../scripts/lib/headers.mjs';
import { inRoot } from '../../../scripts/lib/root.mjs';
import type * as Library from '../../../web/src/engine';
import { type Site, startSite } from '../support/browser';
import { intDigest } from '../support/int_digest';
import { type Feeds, floats, Halftone, type HalftoneModel } from '../support/library';
import { haveModels, readModel, realModels } from '../support/real_models';
import { CLASSES, heavyModel, tinyFeeds, tinyModel } from '../support/tiny';

const folder = inRoot('build/library-site');
const inputs = tinyFeeds(5);

interface Digested {
  name: string;
  file: string;
  input: string;
  dims: readonly number[];
  expected: Record<string, string>;
}

/** Writes a quantized file and its input to the site, with the digest that Node (simd) gives. */
async function prepare(name: string, model: HalftoneModel, feeds: Feeds): Promise<Digested> {
  const [tensor] = Object.values(feeds);
  const stem = name.replaceAll(/\W+/g, '_');
  writeFileSync(join(folder, `${stem}.onnx`), await model.export());
  writeFileSync(join(folder, `${stem}.bin`), floats(tensor));
  return {
    name,
    file: `${stem}.onnx`,
    input: `${stem}.bin`,
    dims: tensor?.dims ?? [],
    expected: await intDigest(model, feeds),
  };
}

async function prepareAll(): Promise<Digested[]> {
  const engine = await Halftone.create({ variant: 'simd' });
  const digested: Digested[] = [];
  try {
    const quantize = async (name: string, bytes: Uint8Array, feeds: (i: number) => Feeds) => {
      const model = await engine.load(bytes);
      const calibration = [feeds(100), feeds(101)];
      const quantized = model.summary.quantized
        ? model
        : await model.apply([{ pass: 'quantize_static' }], { calibration });
      digested.push(await prepare(name, await engine.load(await quantized.export()), feeds(0)));
      for (const m of [model, quantized]) m.dispose();
    };
    await quantize('tiny', tinyModel(), tinyFeeds);
    for (const real of haveModels ? realModels : []) {
      const bytes = readModel(real);
      const probe = await engine.load(bytes);
      const name = probe.summary.inputs[0]?.name ?? '';
      probe.dispose();
      await quantize(real.file, bytes, (i) => ({ [name]: { type: 'float32', dims: real.dims, data: real.item(i) } }));
    }
  } finally {
    engine.dispose();
  }
  return digested;
}

let digested: Digested[];
beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(inRoot('dist/lib'), folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>library</title><link rel="icon" href="data:,">');
  writeFileSync(join(folder, 'tiny-float.onnx'), tinyModel());
  // What a page's own worker would do.
  writeFileSync(
    join(folder, 'host.js'),
    `import { Halftone } from './halftone.js';
     onmessage = async ({ data }) => {
       const engine = await Halftone.create();
       const model = await engine.load(await (await fetch('tiny-float.onnx')).blob());
       const { outputs } = await model.run(data);
       engine.dispose();
       postMessage(outputs);
     };`,
  );
  digested = await prepareAll();
}, 120_000);

/** Runs `body(library, argument)` in the page; the library is the site's `halftone.js`. */
async function inPage<A, R>(
  page: Page,
  body: string | ((library: typeof Library, argument: A) => Promise<R>),
  argument: A,
) {
  const call = `(async () => (${body})(await import('/halftone.js'), ${JSON.stringify(argument)}))()`;
  return (await page.evaluate(call)) as R;
}

/** The page has no modules of the tests, so the digest goes there as text. */
const digestInPage = `async ({ Halftone }, { variant, threads, file, input, dims }) => {
  const engine = await Halftone.create({ variant, threads });
  const model = await engine.load(await (await fetch(file)).blob());
  const data = new Float32Array(await (await fetch(input)).arrayBuffer());
  const digest = await (${intDigest})(model, { [model.summary.inputs[0].name]: { type: 'float32', dims, data } });
  engine.dispose();
  return digest;
}`;

describe.each([
  ['with isolation headers', true],
  ['on a plain server', false],
])('%s', (_, isolated) => {
  let site: Site;
  let page: Page;
  let errors: string[];
  beforeAll(async () => {
    site = await startSite({ folder: 'build/library-site', isolated });
    ({ page, errors } = await site.open());
  }, 60_000);
  afterAll(async () => {
    await site?.close();
    expect(errors).toEqual([]);
  });

  it('runs in a page, by the best variant', async () => {
    const result = await inPage(
      page,
      async ({ Halftone }, x) => {
        const engine = await Halftone.create();
        const model = await engine.load(await (await fetch('tiny-float.onnx')).blob());
        const { outputs } = await model.run({ x: { type: 'float32', dims: [1, 3, 8, 8], data: Float32Array.from(x) } });
        const out = {
          variant: engine.capabilities.variant,
          threads: engine.capabilities.threads,
          dot: engine.capabilities.dot,
          y: Array.from((outputs.scores as Library.Tensor).data as Float32Array),
        };
        engine.dispose();
        return out;
      },
      [...floats(inputs.x)],
    );
    expect(result.variant).toBe('relaxed');
    if (isolated && availableParallelism() > 1) expect(result.threads).toBeGreaterThanOrEqual(2);
    else expect(result.threads).toBe(1);
    expect(['usdot', 'sdot', 'i7']).toContain(result.dot);
    const node = await Halftone.create();
    const expected = floats((await (await node.load(tinyModel())).run(inputs)).outputs.scores);
    node.dispose();
    for (const [i, value] of expected.entries()) expect(result.y[i]).toBeCloseTo(value, 4);
  });

  it('runs in a worker of the page', async () => {
    const dims = await inPage(
      page,
      async (_library, x) => {
        const host = new Worker('/host.js', { type: 'module' });
        const answer = new Promise<{ scores: { dims: number[] } }>((resolve, reject) => {
          host.onmessage = (event) => resolve(event.data);
          host.onerror = (event) => reject(new Error(event.message));
        });
        host.postMessage({ x: { type: 'float32', dims: [1, 3, 8, 8], data: Float32Array.from(x) } });
        return (await answer).scores.dims;
      },
      [...floats(inputs.x)],
    );
    expect(dims).toEqual([1, CLASSES]);
  });

  it('streams a Blob: the heap stays near 1.3 times the file, and cancelling stops it', async () => {
    writeFileSync(join(folder, 'heavy.onnx'), heavyModel(48 << 20));
    const result = await inPage(
      page,
      async ({ Halftone }) => {
        const engine = await Halftone.create();
        const file = await (await fetch('heavy.onnx')).blob();
        const start = await engine.memory();
        const model = await engine.load(file);
        const peak = (await engine.memory()).heapBytes - start.heapBytes;
        model.dispose();
        const end = await engine.memory();
        const controller = new AbortController();
        const code = await engine.load(file, { signal: controller.signal, onProgress: () => controller.abort() }).then(
          () => 'loaded',
          (error) => error.code,
        );
        // Without shared memory the load may have come to its end; then its model is released after this answer.
        await engine.memory();
        const cancelled = await engine.memory();
        engine.dispose();
        return {
          code,
          size: file.size,
          peak,
          afterCancel: cancelled.usedBytes - start.usedBytes,
          left: end.usedBytes - start.usedBytes,
        };
      },
      null,
    );
    expect(result.code).toBe('cancelled');
    expect(result.peak).toBeLessThan(1.3 * result.size);
    expect(result.afterCancel).toBeLessThan(64 << 10);
    expect(result.left).toBeLessThan(64 << 10);
  });

  it.runIf(isolated).each([
    ['simd', 1],
    ['simd', 2],
    ['relaxed', 1],
    ['relaxed', 3],
  ])('%s with at most %i threads gives the integers that Node gives', async (variant, threads) => {
    expect(digested.length).toBeGreaterThan(0);
    for (const { name, file, input, dims, expected } of digested) {
      const actual = await inPage(page, digestInPage, { variant, threads, file, input, dims });
      expect(actual, name).toEqual(expected);
    }
  });
});

describe('where threads cannot be had in an isolated page', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['their files are missing', isolation, /-threads\.mjs$/],
    ['a policy forbids workers of workers', { ...isolation, 'Content-Security-Policy': "worker-src 'none'" }, /^$/],
  ])('%s: it works on one', async (_, headers, missing) => {
    const site = await startSite({ folder: 'build/library-site', headers });
    const { page } = await site.open('nowhere');
    await page.context().route(missing, (route) => route.abort());
    // The page itself may start workers.
    await page.context().route(site.url, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _policy, ...rest } = response.headers();
      await route.fulfill({ response, headers: rest });
    });
    await page.goto(site.url);
    const result = await inPage(
      page,
      async ({ Halftone }) => {
        const engine = await Halftone.create({ threads: 2 });
        const model = await engine.load(await (await fetch('tiny-float.onnx')).blob());
        engine.dispose();
        return { isolated: crossOriginIsolated, threads: engine.capabilities.threads, nodes: model.summary.nodes };
      },
      null,
    );
    expect(result).toEqual({ isolated: true, threads: 1, nodes: 5 });
    await site.close();
  });
});
