// Steps of a person at the page, for the browser tests: found by what is seen or read aloud, never by class.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Site, startSite } from './browser';

const shared = process.env.HALFTONE_SHARED;

/** A file of the shared folder of models and data; null on a machine without it. */
export function sharedFile(...parts: string[]): string | null {
  const path = shared ? join(shared, ...parts) : '';
  return path !== '' && existsSync(path) ? path : null;
}

/** The photographs whose names carry ImageNet ids. */
export function photographs(): string[] {
  const folder = sharedFile('models', 'data', 'photos');
  return folder
    ? readdirSync(folder)
        .filter((name) => /^n\d{8}_/.test(name))
        .sort()
        .map((name) => join(folder, name))
    : [];
}

export const PATIENCE = { timeout: 120_000 };

export async function engineReady(page: Page): Promise<void> {
  await page.getByRole('status').filter({ hasText: 'WebAssembly' }).waitFor(PATIENCE);
}

/** The built page in a wide window, its engine ready. */
export async function startPage(options: Parameters<Site['open']>[1] = {}) {
  const site = await startSite();
  const { page, errors } = await site.open('', { viewport: { width: 1280, height: 800 }, ...options });
  await engineReady(page);
  return { site, page, errors };
}

export interface FileContent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export async function openModel(page: Page, file: string | FileContent): Promise<void> {
  const button = page.getByRole('button', { name: /^(Choose a file|Open another)$/ });
  await button.and(page.locator(':enabled')).waitFor(PATIENCE);
  const input = page.locator(`input[aria-label="${await button.textContent()}"]`);
  await input.setInputFiles(file);
}

export async function compressAndWait(page: Page): Promise<void> {
  const isWide = (page.viewportSize()?.width ?? 0) > 900;
  if (!isWide) await page.getByRole('tab', { name: 'Recipe' }).click();
  await page.getByRole('button', { name: 'Compress and compare' }).click();
  await idle(page);
  await goTo(page, 'Compare');
  await page.getByTestId('sqnr').waitFor(PATIENCE);
}

/** Nothing is under way. */
export async function idle(page: Page): Promise<void> {
  // What was just pressed has to be seen first.
  await page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => setTimeout(seen))));
  await page.locator('.workspace[data-busy="false"]').waitFor(PATIENCE);
}

export type ViewName = 'Recipe' | 'Model' | 'Compare' | 'Judge' | 'Take away';

export async function goTo(page: Page, view: ViewName): Promise<void> {
  await page.getByRole('tab', { name: view }).click();
}

/** Opens one of the sample networks, with its data. */
export async function openSample(page: Page, id: string): Promise<void> {
  await page.locator(`[data-sample="${id}"]`).click();
  await page.getByRole('heading', { level: 1, name: `${id}.onnx` }).waitFor(PATIENCE);
  await idle(page);
}

/** Class numbers of one side's list, best first. */
export async function topClasses(page: Page, side: 'Original' | 'Compressed'): Promise<number[]> {
  const items = page.getByRole('list', { name: side }).getByRole('listitem');
  return (await items.evaluateAll((nodes) => nodes.map((n) => Number(n.getAttribute('data-class'))))) as number[];
}

/** "21.1 dB" -> 21.1 */
export async function shownSqnr(page: Page): Promise<number> {
  return Number.parseFloat((await page.getByTestId('sqnr').textContent()) ?? '');
}

/** Unfolds every <details>, the nested ones too. */
export async function openEverything(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}
