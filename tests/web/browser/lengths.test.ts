// A model whose file leaves lengths open: guesses that run, lengths that are set, a wrong one, and that they are kept with the
// file. And a model of text, sound and state at once: text is offered, the rest fills itself.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe';
import type { Site } from '../support/browser';
import { compressAndWait, goTo, idle, openModel, PATIENCE, startPage } from '../support/journey';
import { buildModel, INT64, type ModelSpec } from '../support/onnx_builder';
import { Random } from '../support/random';

const random = new Random(9);

/** A filter of 400 taps over sound of any length: [batch, 1, samples] -> [batch, 4, ...]. */
const sound: ModelSpec = {
  nodes: [{ op: 'Conv', name: 'filter', inputs: ['audio', 'w'], outputs: ['bands'] }],
  inputs: [{ name: 'audio', dims: ['batch', 1, 'samples'] }],
  outputs: [{ name: 'bands', dims: ['batch', 4, 'frames'] }],
  initializers: [{ name: 'w', dims: [4, 1, 400], data: random.floats(1600) }],
};

/** Words, a weight for each, a state and a temperature. */
const mixed: ModelSpec = {
  nodes: [
    { op: 'Gather', name: 'embed', inputs: ['table', 'input_ids'], outputs: ['words'] },
    { op: 'MatMul', name: 'product', inputs: ['words', 'w'], outputs: ['scores'] },
    { op: 'Add', name: 'state', inputs: ['scores', 'past_state'], outputs: ['moved'] },
    { op: 'Mul', name: 'warm', inputs: ['moved', 'temperature'], outputs: ['heated'] },
  ],
  inputs: [
    { name: 'input_ids', elementType: INT64, dims: ['batch', 'seq'] },
    { name: 'past_state', dims: ['batch', 1, 4] },
    { name: 'temperature', dims: [1] },
  ],
  outputs: [{ name: 'heated', dims: ['batch', 'seq', 4] }],
  initializers: [
    { name: 'table', dims: [32, 8], data: random.floats(256) },
    { name: 'w', dims: [8, 4], data: random.floats(32) },
  ],
};

const fileOf = (name: string, model: ModelSpec) => ({ name, mimeType: '', buffer: Buffer.from(buildModel(model)) });

let site: Site;
let page: Page;
let errors: string[];

beforeAll(async () => {
  ({ site, page, errors } = await startPage({ bypassCSP: true }));
});
afterAll(() => site?.close());

const open = async (name: string, model: ModelSpec) => {
  await openModel(page, fileOf(name, model));
  await page.getByRole('heading', { level: 1, name }).waitFor(PATIENCE);
  await idle(page);
};
const input = () => page.getByRole('region', { name: 'Test input' });
const length = (name: string) => input().getByRole('spinbutton', { name });
const shape = () => page.getByRole('region', { name: 'Outputs' }).getByRole('rowheader').first().textContent();
const set = async (name: string, value: number) => {
  await length(name).fill(String(value));
  await length(name).press('Enter');
  await idle(page);
};

describe('lengths that the file leaves open', () => {
  it('are guessed by what the model wants, and seen before anything runs', async () => {
    await open('filter.onnx', sound);
    await goTo(page, 'Compare');
    expect(await length('Batch').inputValue()).toBe('1');
    expect(await length('Samples of sound').inputValue()).toBe('512');
    await compressAndWait(page);
    await expect.poll(shape).toContain('1 × 4 × 113');
  });

  it('are set by hand', async () => {
    await set('Samples of sound', 402);
    await expect.poll(shape).toContain('1 × 4 × 3');
    await set('Batch', 2);
    await expect.poll(shape).toContain('2 × 4 × 3');
  });

  it('say what is wrong with them, and the page lives on', async () => {
    await set('Samples of sound', 10);
    await page
      .getByRole('alert')
      .getByText(/axis|window|smaller|larger/)
      .first()
      .waitFor(PATIENCE);
    await set('Samples of sound', 2_000_000_000);
    await page
      .getByRole('alert')
      .getByText(/too many/)
      .waitFor(PATIENCE);
    await set('Samples of sound', 500);
    await expect.poll(shape).toContain('2 × 4 × 101');
    expect(await page.getByRole('alert').allTextContents()).toEqual(['']);
  });

  it('are accessible', async () => {
    expect(await violations(page)).toEqual([]);
  });

  it('come back with the file, and not with another', async () => {
    await open('other.onnx', mixed);
    await open('filter.onnx', sound);
    await goTo(page, 'Compare');
    expect(await length('Samples of sound').inputValue()).toBe('500');
    await page.reload();
    await page.getByRole('button', { name: 'filter.onnx', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'filter.onnx' }).waitFor(PATIENCE);
    await idle(page);
    await goTo(page, 'Compare');
    expect(await length('Samples of sound').inputValue()).toBe('500');
    expect(await length('Batch').inputValue()).toBe('2');
  });
});

describe('a model of text and other things', () => {
  it('runs on random tokens and numbers', async () => {
    await open('mixed.onnx', mixed);
    await compressAndWait(page);
    await expect.poll(shape).toContain('1 × 16 × 4');
  });

  it('takes text, numbers beside it, and begins with an empty state', async () => {
    await input().getByRole('radio', { name: 'Text', exact: true }).check();
    await input().getByText('Zeros or empty, as before the first run: past_state.').waitFor();
    await input()
      .getByLabel(/^Text for input_ids/)
      .fill('3 5 7');
    await input()
      .getByLabel(/^Numbers for temperature/)
      .fill('0');
    await input().getByRole('button', { name: 'Use this text' }).click();
    await idle(page);
    await expect.poll(shape).toContain('1 × 3 × 4');
    await input()
      .getByLabel(/^Numbers for temperature/)
      .fill('1 2');
    await input().getByRole('button', { name: 'Use this text' }).click();
    await page.getByRole('alert').getByText('temperature').waitFor(PATIENCE);
  });

  it('is accessible', async () => {
    await goTo(page, 'Compare');
    expect(await violations(page)).toEqual([]);
  });
});

it('made no error', () => expect(errors).toEqual([]));
