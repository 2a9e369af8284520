// Every view in light and dark, wide and on a phone: no accessibility violations, no sideways scroll, and a picture in
// build/screenshots for people to look at. Both languages show no word of the other.
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { violations } from '../support/axe';
import { type Site, startSite } from '../support/browser';
import {
  compressAndWait,
  engineReady,
  goTo,
  idle,
  openEverything,
  openSample,
  PATIENCE,
  type ViewName,
} from '../support/journey';

const folder = inRoot('build/screenshots');
const views: readonly ViewName[] = ['Model', 'Compare', 'Judge', 'Take away'];
const cases = [
  { width: 1280, height: 800, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe('every view', () => {
  let site: Site;
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    site = await startSite({ isolated: false });
  }, 60_000);
  afterAll(() => site?.close());

  const openPage = async (options: Parameters<Site['open']>[1]) => {
    const { page } = await site.open('', {
      serviceWorkers: 'block',
      bypassCSP: true,
      reducedMotion: 'reduce',
      ...options,
    });
    await engineReady(page);
    await page.locator('[data-sample]').first().waitFor(PATIENCE);
    return page;
  };

  it.each(cases)(
    'is in order: $width px, $colorScheme',
    async ({ width, height, colorScheme }) => {
      const page = await openPage({ viewport: { width, height }, colorScheme });
      const look = async (name: string) => {
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
        expect(await sideways(page), name).toBe(0);
        // Colours and roles are the same on a phone: the checker is slow, so once is enough.
        if (width > 900) expect(await violations(page), name).toEqual([]);
      };
      await look('arrive');
      await openSample(page, 'shapes-mobile');
      await compressAndWait(page);
      await goTo(page, 'Judge');
      await page.getByLabel('Examples to judge on').fill('40');
      await page.getByLabel('Examples to judge on').dispatchEvent('change');
      await page.getByRole('button', { name: 'Judge both' }).click();
      await page.getByTestId('accuracy-compressed').waitFor(PATIENCE);
      await idle(page);
      for (const view of views) {
        await goTo(page, view);
        if (view === 'Model') {
          await page.getByLabel('Tone by').selectOption('error');
          await page.getByRole('radio', { name: 'Both' }).check();
          await page
            .getByRole('button', { name: /blocks\S*Relu$/ })
            .first()
            .click();
          await page.getByRole('heading', { name: 'Values on the test input' }).waitFor(PATIENCE);
        }
        if (view === 'Compare') {
          await page.getByRole('button', { name: 'Measure each layer alone' }).click();
          await page.getByTestId('suggestion').waitFor(PATIENCE);
          await idle(page);
        }
        if (view === 'Take away') {
          await page.getByLabel('Format', { exact: true }).selectOption('qoperator');
          await page.getByTestId('forms').waitFor(PATIENCE);
        }
        await openEverything(page);
        await look(view.toLowerCase().replace(' ', '-'));
      }
      await page.context().close();
    },
    120_000,
  );

  it('is readable at 200 % and in presentation mode', async () => {
    const page = await openPage({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
    await openSample(page, 'digits-cnn');
    await compressAndWait(page);
    for (const view of views) {
      await goTo(page, view);
      expect(await sideways(page), view).toBe(0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByText('Settings').click();
    await page.getByLabel(/Presentation mode/).check();
    await page.keyboard.press('Escape');
    await goTo(page, 'Compare');
    await page.screenshot({ path: `${folder}/compare-presentation.png` });
    expect(await sideways(page)).toBe(0);
    await page.context().close();
  }, 120_000);

  it('speaks Chinese where the browser does, and can be switched', async () => {
    const page = await openPage({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-Hans');
    await page.locator('[data-sample="digits-cnn"]').click();
    await page.getByRole('tab', { name: '对比' }).click();
    await page.getByRole('button', { name: '压缩并对比' }).click();
    await page.getByTestId('sqnr').waitFor(PATIENCE);
    for (const name of ['模型', '对比', '评测', '带走']) {
      await page.getByRole('tab', { name }).click();
      const words = await page.locator('h2, h3, .tabs button, .button').allTextContents();
      const english = words.filter((text) =>
        /[A-Za-z]{4,}/.test(text.replace(/ONNX|onnxruntime(-web)?|Python|NumPy|Halftone|\S+\.onnx|Conv|Relu/g, '')),
      );
      expect(english, name).toEqual([]);
    }
    await page.getByText('设置').click();
    await page.getByLabel('语言').selectOption('en');
    await page.getByRole('tab', { name: 'Take away' }).waitFor();
    await page.reload();
    await page.getByText('Drop an ONNX model here').waitFor();
    await page.context().close();
  }, 120_000);
});
