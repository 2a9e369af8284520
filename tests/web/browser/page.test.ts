// The page itself: wrong files, keyboard, cancel, accessibility, and a server without isolation headers.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Site, startSite } from '../support/browser';
import { compressAndWait, engineReady, openEverything, openModel, PATIENCE, sharedFile } from '../support/journey';
import { tinyModel } from '../support/tiny';

const squeezenet = sharedFile('models', 'classify', 'squeezenet1.0-fp32.onnx');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const file = (name: string, bytes: Uint8Array | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes as Uint8Array),
});

const model = () => file('tiny.onnx', tinyModel());

interface Violation {
  id: string;
  nodes: { html: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run()')) as { violations: Violation[] };
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
}

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
    await page.getByRole('region', { name: /Model/ }).waitFor(PATIENCE);
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
    for (let i = 0; i < 60; ++i) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Compress and compare') break;
    }
    await page.keyboard.press('Enter');
    await page.getByTestId('sqnr').waitFor(PATIENCE);
    await page.context().close();
  });

  it('refuses a parameter out of range by name and keeps the model', async () => {
    const { page } = await site.open();
    await engineReady(page);
    await openModel(page, model());
    await page.getByRole('button', { name: 'Compress and compare' }).waitFor(PATIENCE);
    const number = page.locator('.param.int input[type=number]:not(#random-count)');
    if ((await number.count()) > 0) {
      await page.getByText('More options').click();
      await number.first().fill('999');
      await number.first().dispatchEvent('change');
      await page.getByRole('button', { name: 'Compress and compare' }).click();
      await page.getByRole('alert').getByText('Where').waitFor(PATIENCE);
      await page.getByRole('button', { name: 'Reset' }).click();
    }
    await compressAndWait(page);
    await page.context().close();
  });

  it.skipIf(squeezenet === null)('cancels a long calibration and keeps the model', async () => {
    const { page, errors } = await site.open();
    await engineReady(page);
    await openModel(page, squeezenet as string);
    await page.getByLabel('How many').fill('1000');
    await page.getByLabel('How many').dispatchEvent('change');
    const compress = page.getByRole('button', { name: 'Compress and compare' });
    await compress.click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await compress.and(page.locator(':enabled')).waitFor(PATIENCE);
    expect(await page.getByTestId('sqnr').count()).toBe(0);
    expect(await page.getByRole('alert').textContent()).toBe('');
    await page.getByLabel('How many').fill('1');
    await page.getByLabel('How many').dispatchEvent('change');
    await compressAndWait(page);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('has no axe violations in %s, before and after', async (colorScheme) => {
    // The policy forbids injected scripts, so the checker runs where it is not sent.
    const plain = await startSite({ isolated: false });
    const { page } = await plain.open('', { colorScheme });
    await engineReady(page);
    expect(await violations(page)).toEqual([]);
    await openModel(page, model());
    await compressAndWait(page);
    await openEverything(page);
    expect(await violations(page)).toEqual([]);
    await plain.close();
  });

  it('has no sideways scroll on a phone', async () => {
    const { page } = await site.open('', { viewport: { width: 390, height: 844 } });
    await engineReady(page);
    await openModel(page, model());
    await compressAndWait(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    );
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
