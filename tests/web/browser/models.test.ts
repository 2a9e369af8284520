// Every model of HALFTONE_SHARED in the page, as a person who has nothing but the file: it opens, the recipe that is offered
// first is applied on random data, both sides run, and there is a result. Skipped without the folder.
import { basename } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Site } from '../support/browser';
import { goTo, idle, openModel, PATIENCE, sharedFile, startPage } from '../support/journey';
import { haveModels, modelFiles } from '../support/real_models';

/** Those that the first recipe does not fit, and what the page says of it. */
const REFUSED: Record<string, RegExp> = {
  // They came quantized.
  'quantized/mobilenetv2-12-qdq.onnx': /quantized already/,
  'quantized/stm32-od-model_onnx_q.onnx': /quantized already/,
};

/** Opened only: a run is 20 thousand million multiplications, and the whole journey makes some forty of them. */
const TOO_SLOW = ['image2image/fns-mosaic.onnx'];

/** Few: this is about what the page does, not about how well. */
const CALIBRATION = 4;

describe.skipIf(!haveModels)('every real model', () => {
  let site: Site;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    ({ site, page, errors } = await startPage());
  });
  afterAll(() => site?.close());

  const open = async (file: string) => {
    await openModel(page, sharedFile('models', ...file.split('/')) ?? '');
    await page.getByRole('heading', { level: 1, name: basename(file), exact: true }).waitFor(PATIENCE);
    await idle(page);
  };

  const compress = async () => {
    const count = page.getByLabel('How many', { exact: true });
    await count.fill(String(CALIBRATION));
    await count.press('Tab');
    await page.getByRole('button', { name: 'Compress and compare' }).click();
    await idle(page);
  };

  it.each(haveModels ? modelFiles().sort() : [])('%s', async (file) => {
    await open(file);
    const alert = page.getByRole('alert');
    if (TOO_SLOW.includes(file)) return expect(await alert.allTextContents()).toEqual(['']);
    await compress();
    const refused = REFUSED[file];
    if (refused) return expect(await alert.textContent()).toMatch(refused);
    expect(await alert.allTextContents()).toEqual(['']);
    await goTo(page, 'Compare');
    expect(await page.getByTestId('sqnr').textContent(PATIENCE)).toMatch(/^-?[\d.]+ dB|^equal/);
    // A table of tensors, or the classes that lead.
    const outputs = page.getByRole('region', { name: 'Outputs' }).getByRole('rowheader');
    const classes = page.getByRole('list', { name: 'Compressed' }).getByRole('listitem');
    expect(await outputs.or(classes).count()).toBeGreaterThan(0);
  });

  it('no error was made', () => expect(errors).toEqual([]));
});
