// The main job on real input: SqueezeNet dropped on the page, photographs as calibration and test, both top
// five side by side, a quarter of the size, and the downloaded file run by onnxruntime-web and opened again.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyNormalization, type ImageSpec, placement, toTensor } from '../../../web/src/inputs/preprocess';
import { topK } from '../../../web/src/results/topk';
import { type Site, startSite } from '../support/browser';
import {
  compressAndWait,
  engineReady,
  goTo,
  openModel,
  PATIENCE,
  photographs,
  sharedFile,
  shownSqnr,
  topClasses,
} from '../support/journey';

const squeezenet = sharedFile('models', 'classify', 'squeezenet1.0-fp32.onnx');
const photos = photographs();
const cat = photos.find((path) => path.includes('Egyptian_cat')) ?? '';

const spec = applyNormalization(
  {
    input: 'data_0',
    layout: 'nchw',
    channels: 'bgr',
    width: 224,
    height: 224,
    fit: 'crop',
    scale: 1,
    mean: [],
    std: [],
    type: 'float32',
    dims: [1, 3, 224, 224],
  } satisfies ImageSpec,
  'caffe',
);

/** The picture as the page sees it: decoded and drawn by the same browser, so that both engines get the same pixels. */
async function pixelsInPage(page: Page, path: string): Promise<Uint8ClampedArray> {
  const base64 = readFileSync(path).toString('base64');
  const size: { width: number; height: number } = await page.evaluate(async (data) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${data}`)).blob());
    return { width: bitmap.width, height: bitmap.height };
  }, base64);
  const at = placement(spec, size.width, size.height);
  const rgba = await page.evaluate(
    async ({ data, at, width, height }) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${data}`)).blob());
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      if (!context) throw new Error('no canvas');
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, at.x, at.y, at.width, at.height);
      return Array.from(context.getImageData(0, 0, width, height).data);
    },
    { data: base64, at, width: spec.width, height: spec.height },
  );
  return Uint8ClampedArray.from(rgba);
}

async function runWithOnnxRuntime(model: Uint8Array, rgba: Uint8ClampedArray): Promise<Float32Array> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const input = toTensor(rgba, spec);
  const outputs = await session.run({ data_0: new ort.Tensor('float32', input.data as Float32Array, [...spec.dims]) });
  return (Object.values(outputs)[0] as ort.Tensor).data as Float32Array;
}

describe.skipIf(squeezenet === null || photos.length === 0)('SqueezeNet in the page (needs HALFTONE_SHARED)', () => {
  let site: Site;
  let page: Page;
  let errors: string[];
  let small: Uint8Array;

  beforeAll(async () => {
    site = await startSite();
    ({ page, errors } = await site.open());
  }, 60_000);
  afterAll(() => site?.close());

  it('opens and says what it is', async () => {
    await engineReady(page);
    await openModel(page, squeezenet as string);
    const summary = page.getByRole('region', { name: 'About the model' });
    await summary.waitFor(PATIENCE);
    const text = (await summary.textContent()) ?? '';
    expect(text).toContain('4.95 MB');
    expect(text).toContain('1.24 M');
    await page.getByText('How pictures become numbers').click();
    expect(await page.getByLabel('Normalization').inputValue()).toBe('caffe');
  }, 120_000);

  it('quantizes on photographs and shows both top five', async () => {
    await page.locator('input[aria-label="Add pictures"]').setInputFiles(photos);
    await page.getByText(`${photos.length} pictures`).waitFor();
    await compressAndWait(page);
    await page.getByRole('radio', { name: 'Picture', exact: true }).check();
    await page.locator('input[aria-label="Choose a picture"]').setInputFiles(cat);
    await page.getByText('Egyptian cat').first().waitFor(PATIENCE);
    const [original, compressed] = [await topClasses(page, 'Original'), await topClasses(page, 'Compressed')];
    expect(original).toHaveLength(5);
    expect(compressed).toHaveLength(5);
    expect(original[0]).toBe(285);
    expect(compressed[0]).toBe(285);
    expect(await shownSqnr(page)).toBeGreaterThan(15);
  }, 240_000);

  it('is about a quarter of the size', async () => {
    const size = (await page.getByTestId('size-compressed').textContent()) ?? '';
    expect(size).toMatch(/^1\.[23]\d* MB$/);
    await page
      .getByText(/7\d% smaller/)
      .first()
      .waitFor();
  });

  it('downloads a file that onnxruntime-web runs to the same classes', async () => {
    const second = (await topClasses(page, 'Compressed'))[1];
    await goTo(page, 'Take away');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download ONNX' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('squeezenet1.0-fp32-int8.onnx');
    small = readFileSync(await download.path());
    expect(small.length).toBeLessThan(1_400_000);
    const scores = await runWithOnnxRuntime(small, await pixelsInPage(page, cat));
    const theirs = topK({ type: 'float32', dims: [1, scores.length], data: scores }).map((r) => r.index);
    expect(theirs[0]).toBe(285);
    expect(theirs.filter((c) => c !== 285)).toEqual(expect.arrayContaining([second]));
  }, 120_000);

  it('opens the downloaded file again, as a quantized model', async () => {
    await openModel(page, {
      name: 'again.onnx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(small),
    });
    await page.getByRole('heading', { level: 1, name: 'again.onnx' }).waitFor(PATIENCE);
    await page.getByText('This model is quantized already').waitFor(PATIENCE);
  }, 120_000);

  it('ran without an error in the console', () => {
    expect(errors).toEqual([]);
  });
});
