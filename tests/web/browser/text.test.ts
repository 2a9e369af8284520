// A model that takes tokens: ids and bytes typed into a box, what is wrong with them, calibration by lines of text. No tokenizer
// is in an ONNX file, and the page says so.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violations } from '../support/axe';
import type { Site } from '../support/browser';
import { compressAndWait, goTo, idle, openModel, PATIENCE, startPage } from '../support/journey';
import { buildModel, INT64 } from '../support/onnx_builder';
import { Random } from '../support/random';

const WORDS = 32;
const WIDTH = 8;

/** Words looked up in a table, and a product with weights: [1, seq] -> [1, seq, 4]. */
function wordModel(): Uint8Array {
  const random = new Random(7);
  return buildModel({
    nodes: [
      { op: 'Gather', name: 'embed', inputs: ['table', 'input_ids'], outputs: ['words'] },
      { op: 'MatMul', name: 'product', inputs: ['words', 'w'], outputs: ['scores'] },
    ],
    inputs: [{ name: 'input_ids', elementType: INT64, dims: [1, 'seq'] }],
    outputs: [{ name: 'scores', dims: [1, 'seq', 4] }],
    initializers: [
      { name: 'table', dims: [WORDS, WIDTH], data: random.floats(WORDS * WIDTH) },
      { name: 'w', dims: [WIDTH, 4], data: random.floats(WIDTH * 4) },
    ],
  });
}

let site: Site;
let page: Page;
let errors: string[];

beforeAll(async () => {
  ({ site, page, errors } = await startPage({ bypassCSP: true }));
  await openModel(page, { name: 'words.onnx', mimeType: '', buffer: Buffer.from(wordModel()) });
  await page.getByRole('region', { name: 'About the model' }).waitFor(PATIENCE);
});
afterAll(() => site?.close());

const input = () => page.getByRole('region', { name: 'Test input' });
const box = () => input().getByLabel(/^Text for input_ids/);
const shape = () => page.getByRole('region', { name: 'Outputs' }).getByRole('rowheader').first();

it('runs on random tokens first', async () => {
  await compressAndWait(page);
  await expect.poll(() => shape().textContent()).toContain('1 × 16 × 4');
});

it('takes token ids, as many as there are, and says what is none', async () => {
  await input().getByRole('radio', { name: 'Text', exact: true }).check();
  await page
    .getByText(/carries no tokenizer/)
    .first()
    .waitFor();
  await box().fill('3, 5 99');
  await input().getByText('99 is no token id of this model: they go from 0 to 31.').waitFor();
  await page.getByRole('button', { name: 'Use this text' }).click();
  await page
    .getByRole('alert')
    .getByText(/99 is no token id/)
    .waitFor(PATIENCE);
  await box().fill('3, 5 31');
  await input().getByText('3 tokens: 3, 5, 31.').waitFor();
  await page.getByRole('button', { name: 'Use this text' }).click();
  await idle(page);
  await expect.poll(() => shape().textContent()).toContain('1 × 3 × 4');
});

it('takes bytes, where the model knows so many tokens', async () => {
  await input().getByRole('radio', { name: 'Bytes' }).check();
  await box().fill('\u0003\u0005\u0007\u0009');
  await input().getByText('4 tokens: 3, 5, 7, 9.').waitFor();
  await box().fill('A');
  await input().getByText('65 is no token id of this model: they go from 0 to 31.').waitFor();
  await input().getByRole('radio', { name: 'Token ids' }).check();
});

it('calibrates on lines of text', async () => {
  const calibration = page.getByRole('region', { name: 'Calibration data' });
  await calibration.getByRole('radio', { name: 'Text' }).check();
  await calibration.getByText('None yet: random tokens are used until then.').waitFor();
  await calibration.getByLabel('Examples, one a line').fill('1 2 3\n4 5\n\n6 7 8 9');
  await calibration.getByLabel('Examples, one a line').blur();
  await calibration.getByText('3 examples').waitFor();
  await compressAndWait(page);
  await expect.poll(() => shape().textContent()).toContain('1 × 3 × 4');
});

it('is accessible', async () => {
  await goTo(page, 'Compare');
  expect(await violations(page)).toEqual([]);
});

it('made no error', () => expect(errors).toEqual([]));
