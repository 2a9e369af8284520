// The page itself: wrong files, keyboard, cancel, memory of files, and a server without isolation headers.

import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Site, startSite } from '../support/browser';
import { compressAndWait, engineReady, idle, openModel, PATIENCE, sharedFile } from '../support/journey';
import { buildModel } from '../support/onnx_builder';
import { tinyModel } from '../support/tiny';

const squeezenet = sharedFile('models', 'classify', 'squeezenet1.0-fp32.onnx');
const file = (name: string, bytes: Uint8Array | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes as Uint8Array),
});

const model = () => file('tiny.onnx', tinyModel());

describe('the page', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  }, 60_000);
  afterAll(() => site?.close());

  it.each<[string, Uint8Array | string, string]>([
    ['picture.onnx', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13), 'invalid_model'],
    ['empty.onnx', new Uint8Array(0), 'invalid_model'],
    ['page.onnx', '<!doctype html><html></html>', 'invalid_model'],
    ['cut.onnx', tinyModel().slice(0, 100), 'invalid_model'],
  ])('says what is wrong with %s and goes on working', async (name, bytes, code) => {
    const { page, errors } = await site.open();
    await engineReady(page);
    await openModel(page, file(name, bytes));
    const alert = page.getByRole('alert');
    await alert.locator('[data-code]').waitFor(PATIENCE);
    expect(await alert.locator('[data-code]').getAttribute('data-code')).toBe(code);
    await openModel(page, model());
    await page.getByRole('region', { name: 'About the model' }).waitFor(PATIENCE);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('tells a model from other files', async () => {
    const { page } = await site.open();
    await engineReady(page);
    await page.locator('input[aria-label="Choose a file"]').setInputFiles([file('a.bin', 'a'), file('b.bin', 'b')]);
    await page.getByText('None of these files is an ONNX model.').waitFor();
    await page.context().close();
  });

  it('names every node of an operator that cannot run', async () => {
    const { page, errors } = await site.open();
    await engineReady(page);
    const nodes = Array.from({ length: 45 }, (_, i) => ({
      op: 'Sparkle',
      domain: 'example.org',
      name: `node${i}`,
      inputs: [i === 0 ? 'x' : `v${i}`],
      outputs: [i === 44 ? 'y' : `v${i + 1}`],
    }));
    const inputs = [{ name: 'x', dims: [1, 4] }];
    const bytes = buildModel({ nodes, inputs, outputs: [{ name: 'y', dims: [1, 4] }] });
    await openModel(page, file('sparkle.onnx', bytes));
    const note = page.getByRole('note').filter({ hasText: 'example.org::Sparkle' });
    await note.getByText('used by 45 nodes:').waitFor(PATIENCE);
    const links = note.getByRole('button', { name: /^Show node/ });
    expect(await links.count()).toBe(20);
    await note.getByRole('button', { name: 'Show all 45' }).press('Enter');
    expect(await links.count()).toBe(45);
    await note.getByRole('button', { name: 'Show fewer' }).click();
    expect(await links.count()).toBe(20);
    await note.getByRole('button', { name: 'Show node3', exact: true }).click();
    await page.getByRole('heading', { name: 'Sparkle node3' }).waitFor(PATIENCE);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('takes a dropped file', async () => {
    const { page } = await site.open();
    await engineReady(page);
    const transfer = await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], 'dropped.onnx'));
      return data;
    }, Array.from(tinyModel()));
    await page.dispatchEvent('.page', 'dragover', { dataTransfer: transfer });
    await page.dispatchEvent('.page', 'drop', { dataTransfer: transfer });
    await page.getByRole('heading', { level: 1, name: 'dropped.onnx' }).waitFor(PATIENCE);
    await page.context().close();
  });

  it('needs no mouse', async () => {
    const { page } = await site.open();
    page.on('filechooser', (chooser) => void chooser.setFiles(model()));
    await engineReady(page);
    await page.getByRole('button', { name: 'Choose a file' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Compress and compare' }).waitFor(PATIENCE);
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    for (let i = 0; i < 80 && (await focused()) !== 'Compress and compare'; ++i) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByTestId('sqnr').waitFor(PATIENCE);
    // From the recipe on to the views, and along them.
    for (let i = 0; i < 10 && (await focused()) !== 'Compare'; ++i) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toBe('Model');
    await page.getByText(/^Drawing the graph/).waitFor({ ...PATIENCE, state: 'detached' });
    await page.getByRole('application', { name: 'Graph' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: /Conv/ }).waitFor(PATIENCE);
    await page.context().close();
  });

  it('refuses a parameter out of range by name and keeps the model', async () => {
    const { page } = await site.open();
    await engineReady(page);
    await openModel(page, model());
    await page.getByLabel('Add a step').selectOption('convert_opset');
    await page.getByRole('button', { name: 'Convert opset', exact: true }).click();
    await page.getByLabel('Operator set').fill('999');
    await page.getByLabel('Operator set').dispatchEvent('change');
    await page.getByRole('button', { name: 'Compress and compare' }).click();
    await page.getByRole('alert').getByText('Where').waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Start values again' }).click();
    await compressAndWait(page);
    expect(await page.getByRole('alert').textContent()).toBe('');
    await page.context().close();
  });

  it('opens what is chosen before the engine has started', async () => {
    const { page, errors } = await site.open('', { serviceWorkers: 'block' });
    await page.locator('input[aria-label="Choose a file"]').setInputFiles(model());
    await page.getByRole('heading', { level: 1, name: 'tiny.onnx' }).waitFor(PATIENCE);
    expect(errors.filter((text) => !text.includes('Service Worker'))).toEqual([]);
    await page.context().close();
  });

  it('remembers what was opened until it is told to forget', async () => {
    const { page } = await site.open();
    await engineReady(page);
    await openModel(page, model());
    await page.getByRole('heading', { level: 1, name: 'tiny.onnx' }).waitFor(PATIENCE);
    await page.reload();
    await page.getByRole('button', { name: 'tiny.onnx', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'tiny.onnx' }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Halftone' }).click();
    await page.getByRole('button', { name: 'Forget tiny.onnx' }).click();
    // What has gone from the page is gone from the machine.
    await page.getByText('Opened lately').waitFor({ state: 'hidden' });
    await page.reload();
    await engineReady(page);
    expect(await page.getByText('Opened lately').count()).toBe(0);
    await page.context().close();
  });

  it('asks once before results that were not saved are left', async () => {
    const { page } = await site.open();
    await engineReady(page);
    await openModel(page, model());
    await compressAndWait(page);
    const asked = page.waitForEvent('dialog');
    // Playwright waits for a page that does not come when the answer is to stay.
    const reload = page.reload({ timeout: 3000 }).then(
      () => 'left',
      () => 'stayed',
    );
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    expect(await reload).toBe('stayed');
    expect(await page.getByTestId('sqnr').isVisible()).toBe(true);
    page.on('dialog', () => expect.unreachable('It asks once.'));
    await page.reload();
    await page.getByText('Drop an ONNX model here').waitFor(PATIENCE);
    await page.context().close();
  });

  it.skipIf(squeezenet === null)('cancels a long calibration and keeps the model', async () => {
    const { page, errors } = await site.open();
    await engineReady(page);
    await openModel(page, squeezenet as string);
    await page.getByLabel('How many').fill('1000');
    await page.getByLabel('How many').dispatchEvent('change');
    await page.getByRole('button', { name: 'Compress and compare' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await idle(page);
    expect(await page.getByTestId('sqnr').count()).toBe(0);
    expect(await page.getByRole('alert').textContent()).toBe('');
    await page.getByLabel('How many').fill('1');
    await page.getByLabel('How many').dispatchEvent('change');
    await compressAndWait(page);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it.skipIf(availableParallelism() === 1)('runs on several threads, under its own policy', async () => {
    const { page, errors } = await site.open();
    await engineReady(page);
    expect(await page.getByRole('status').first().textContent()).toMatch(/\d threads/);
    await openModel(page, model());
    await compressAndWait(page);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('works on a host that sends no headers, on one thread', async () => {
    const plain = await startSite({ isolated: false });
    const { page } = await plain.open();
    await engineReady(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await page.getByRole('status').first().textContent()).toContain('one thread');
    await openModel(page, model());
    await compressAndWait(page);
    await plain.close();
  });
});
