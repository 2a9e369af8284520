// Starts the system's Chromium over the built page (dist/site).
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../../scripts/lib/chromium.mjs';
import { pageHeaders } from '../../../scripts/lib/headers.mjs';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { serveFolder } from '../../../scripts/lib/server.mjs';

export interface Site {
  url: string;
  browser: Browser;
  /** A fresh page of its own context, with every error of the page collected in `errors`. */
  open(path?: string, options?: Parameters<Browser['newContext']>[0]): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

interface SiteOptions {
  /** false: without the isolation headers and the policy, as a plain static host serves. */
  isolated?: boolean;
  folder?: string;
  headers?: Record<string, string>;
}

export async function startSite({
  isolated = true,
  folder = 'dist/site',
  headers = isolated ? pageHeaders : {},
}: SiteOptions = {}): Promise<Site> {
  if (!existsSync(inRoot(folder, 'index.html')))
    throw new Error(`${folder} has not been built: run \`npm run build\`.`);
  const server = await serveFolder(inRoot(folder), { headers });
  const browser = await launchChromium();
  return {
    url: server.url,
    browser,
    async open(path = '', options = {}) {
      // What the service worker does has tests of its own (offline.test.ts); elsewhere it would only cost time.
      const context = await browser.newContext({ serviceWorkers: 'block', ...options });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.goto(new URL(path, server.url).href);
      return { page, errors };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
