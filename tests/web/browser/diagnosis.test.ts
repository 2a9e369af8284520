// What the page says of a network before and after compressing: risks on opening and the steps that answer them, errors of
// each layer by itself and with what has piled up, by channel, histograms before and after, and memory.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violations } from '../support/axe';
import type { Site } from '../support/browser';
import { compressAndWait, goTo, idle, openEverything, openSample, PATIENCE, startPage } from '../support/journey';

let site: Site;
let page: Page;
let errors: string[];

beforeAll(async () => {
  ({ site, page, errors } = await startPage({ viewport: { width: 1600, height: 900 }, bypassCSP: true }));
  await page.locator('[data-sample="shapes-mobile"]').waitFor(PATIENCE);
  await openSample(page, 'shapes-mobile');
});
afterAll(() => site?.close());

const risks = () => page.getByRole('region', { name: 'Risks before you begin' });
const fact = (name: string) =>
  page.locator('.node-panel dl.facts > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) });
const decibels = async (text: Promise<string | null>) => Number.parseFloat((await text) ?? '');

it('reports risks on opening, worst first, with the layers that they are about', async () => {
  const first = risks().getByRole('listitem').first();
  await first.getByText('High', { exact: true }).waitFor(PATIENCE);
  await first.getByText(/times its median channel/).waitFor();
  await first
    .getByRole('button', { name: /^Show .*depthwise/ })
    .first()
    .click();
  await page.getByRole('heading', { name: /^Conv .*depthwise/ }).waitFor(PATIENCE);
  await page.getByRole('heading', { name: 'Risks of this layer' }).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
});

it('puts the step that answers a risk into the recipe, where it can be taken back', async () => {
  const uses = page.getByRole('checkbox', { name: 'Use Equalize' });
  const before = await uses.count();
  const first = risks().getByRole('listitem').first();
  await first.getByRole('button', { name: /^Add to the recipe: Equalize.*weights/ }).click();
  await first.getByText('The recipe answers this.').waitFor(PATIENCE);
  expect(await uses.count()).toBe(before + 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await first.getByRole('button', { name: /^Add to the recipe/ }).waitFor(PATIENCE);
  expect(await uses.count()).toBe(before);
});

it('shows what each layer loses, by itself and by channel', async () => {
  await compressAndWait(page);
  await goTo(page, 'Model');
  await page.getByRole('radio', { name: 'Layers' }).check();
  for (const name of ['SQNR', 'SQNR by itself', 'Cosine', 'Largest error', 'Clipped', 'Unused range'])
    await page.getByRole('columnheader', { name, exact: true }).waitFor(PATIENCE);
  await page
    .getByRole('button', { name: /blocks\.3\S*Relu$/ })
    .first()
    .click();
  await fact('SQNR by itself').waitFor(PATIENCE);
  const [piled, alone] = [fact('SQNR'), fact('SQNR by itself')].map((f) => decibels(f.locator('dd').textContent()));
  // Against the float network after equalizing: against the file's own both would look like noise.
  expect(await piled).toBeGreaterThan(10);
  expect(await alone).toBeGreaterThan((await piled) as number);
  await page.getByRole('img', { name: /^SQNR by channel\. Of \d+ channels the worst: channel/ }).waitFor(PATIENCE);
  await page.getByText('Filled: original. Line: compressed.').first().waitFor(PATIENCE);
});

it('shows memory beside size and time', async () => {
  await goTo(page, 'Compare');
  const [before, after] = [page.getByTestId('memory-original'), page.getByTestId('memory-compressed')];
  for (const shown of [before, after]) await expect.poll(() => shown.textContent(), PATIENCE).toMatch(/^[\d.]+ [kM]B$/);
});

it('measures each layer alone, and puts what it suggests into the recipe', async () => {
  await page.getByRole('button', { name: 'Measure each layer alone' }).click();
  const found = page.getByTestId('sensitivity');
  for (const name of ['Signal to noise', 'KL divergence', 'Same answer', 'Accuracy', 'Gain in float', 'That costs'])
    await found.getByRole('columnheader', { name, exact: true }).waitFor(PATIENCE);
  await found.getByText(/^Leave (this layer|these \d+ layers) in float: gains [\d.]+ dB, costs/).waitFor(PATIENCE);
  await found.getByRole('button', { name: 'Put that into the recipe' }).click();
  await found.getByText('The recipe leaves them in float.').waitFor(PATIENCE);
  await goTo(page, 'Take away');
  await page.getByText(/"keep_float": true/).waitFor(PATIENCE);
  await page.getByRole('button', { name: 'Undo' }).click();
});

it('shows what a step that chose has found, with the labels of the data', async () => {
  const recipe = [{ pass: 'fall_back', nodes: 1 }, { pass: 'allocate_bits', limit: 5 }, { pass: 'quantize_static' }];
  const file = { name: 'r.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(recipe)) };
  await page.locator('input[type=file][aria-label="Load a recipe"]').setInputFiles(file);
  await compressAndWait(page);
  await page.getByText('1 layer stays float:').waitFor(PATIENCE);
  await page.getByText(/^With these in float: [\d.]+ dB, [\d.]+% the same answer, [\d.]+% right$/).waitFor(PATIENCE);
  await page.getByText(/^[\d.]+ bits a weight on average/).waitFor(PATIENCE);
  await page.getByText(/^\d+ layers? at 4 bits, \d+ layers? at 8 bits$/).waitFor(PATIENCE);
  await page
    .getByText(/layers measured$/)
    .last()
    .click();
  await page.getByRole('img', { name: /^The best error that each cost allows/ }).waitFor(PATIENCE);
  await page.getByRole('button', { name: /^Fall back/ }).click();
  await page.getByText('The right classes come from the labels of the calibration data.').waitFor(PATIENCE);
  await openEverything(page);
  expect(await violations(page)).toEqual([]);
});

it('says what stays between both changes in the QOperator form', async () => {
  await goTo(page, 'Take away');
  await page.getByLabel('Format', { exact: true }).selectOption('qoperator');
  const forms = page.getByTestId('forms');
  await forms.getByText(/^\d+ operators? works? on integers\.$/).waitFor(PATIENCE);
  await forms.getByText(/stays? between DequantizeLinear and QuantizeLinear, \d+ of them with weights/).waitFor();
  await page.getByLabel('Format', { exact: true }).selectOption('qdq');
  await goTo(page, 'Compare');
});

it('says where a step needs data that is not there', async () => {
  const missing = page.getByText(/there is none yet: random numbers stand in/);
  expect(await missing.count()).toBe(0);
  await page.getByRole('radio', { name: 'Random numbers' }).check();
  await missing.first().waitFor(PATIENCE);
  await page.getByRole('button', { name: /^int4 weights/ }).click();
  await idle(page);
  expect(await missing.count()).toBe(0);
  await page.getByText('None of these steps looks at data.').waitFor(PATIENCE);
});

it('lets widths be typed, which are nothing in the model', async () => {
  await page.getByLabel('Add a step').selectOption('allocate_bits');
  await page.getByRole('button', { name: /^Allocate bits/ }).click();
  const widths = page.getByRole('textbox', { name: 'Widths' });
  expect(await widths.inputValue()).toBe('4, 8');
  await widths.fill('2 4,8');
  await widths.press('Enter');
  await widths.blur();
  await expect.poll(() => widths.inputValue()).toBe('2, 4, 8');
});

it('made no error', () => expect(errors).toEqual([]));
