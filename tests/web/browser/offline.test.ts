// The page on a plain static host: no headers, under a path of its own, then without a network, then with a new version.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../../../scripts/lib/chromium.mjs';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { serveFolder } from '../../../scripts/lib/server.mjs';
import { listFiles } from '../../../web/vite/offline';
import { compressAndWait, engineReady, openModel } from '../support/journey';
import { tinyModel } from '../support/tiny';

const SUB_PATH = 'some/path/';
const tiny = { name: 'tiny.onnx', mimeType: 'application/octet-stream', buffer: Buffer.from(tinyModel()) };

let root: string;
let server: Awaited<ReturnType<typeof serveFolder>>;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const requested: string[] = [];
const errors: string[] = [];

const isolated = () => page.evaluate(() => crossOriginIsolated);
/** Addresses of what the service worker keeps. */
const kept = () =>
  page.evaluate(async () => {
    const [name = ''] = await caches.keys();
    return (await (await caches.open(name)).keys()).map(({ url }) => url);
  });
const runsAModel = async () => {
  await engineReady(page);
  await openModel(page, tiny);
  await compressAndWait(page);
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'halftone-site-'));
  mkdirSync(join(root, 'some'));
  cpSync(inRoot('dist/site'), join(root, SUB_PATH), { recursive: true });
  server = await serveFolder(root, { headers: {} });
  browser = await launchChromium();
  context = await browser.newContext();
  // Those of workers and of the service worker as well.
  context.on('request', (request) => requested.push(request.url()));
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the page on a plain host, under a path', () => {
  it('becomes isolated through its service worker, and then has threads', async () => {
    await page.goto(server.url + SUB_PATH);
    await page.waitForFunction(() => crossOriginIsolated, undefined, { timeout: 60_000 });
    await engineReady(page);
    const paths = (await kept()).map((url) => new URL(url).pathname.replace(`/${SUB_PATH}`, ''));
    expect(paths).toContain('index.html');
    expect(paths.filter((path) => path.endsWith('.wasm')).sort()).toEqual([
      'engine/halftone-relaxed-threads.wasm',
      'engine/halftone-relaxed.wasm',
    ]);
  }, 90_000);

  it('runs a model', runsAModel, 90_000);

  it('opens, and runs a model, without a network', async () => {
    await server.close();
    await page.reload();
    expect(await isolated()).toBe(true);
    await runsAModel();
    server = await serveFolder(root, { headers: {}, port: server.port });
  }, 90_000);

  it('says all of that without an error, and speaks to no other host', () => {
    expect(errors).toEqual([]);
    expect(requested.length).toBeGreaterThan(5);
    const elsewhere = requested.filter((url) => /^https?:/.test(url) && !url.startsWith(server.url + SUB_PATH));
    expect(elsewhere).toEqual([]);
  });
});

describe('the policy in the page', () => {
  /** What a worker of this file answers. */
  const worker = (name: string) =>
    page.evaluate(
      (script) =>
        new Promise<string>((resolve) => {
          new Worker(script).onmessage = ({ data }) => resolve(data);
        }),
      new URL(`${SUB_PATH}assets/${name}`, server.url).href,
    );

  it('keeps the page and its workers from other hosts, but for the one that fetches links', async () => {
    const other = await serveFolder(root, { headers: { 'Access-Control-Allow-Origin': '*' } });
    const url = `${other.url}${SUB_PATH}icon.svg`;
    const script = `fetch('${url}').then(() => postMessage('reached'), () => postMessage('refused'));`;
    for (const name of ['link_worker-0.js', 'other-0.js']) writeFileSync(join(root, SUB_PATH, 'assets', name), script);
    expect(await worker('link_worker-0.js')).toBe('reached');
    expect(await worker('other-0.js')).toBe('refused');
    const refused = page.evaluate(
      (address) =>
        fetch(address).then(
          () => 'reached',
          () => 'refused',
        ),
      url,
    );
    expect(await refused).toBe('refused');
    await other.close();
  });

  it('lets no script run that is written into the page', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "written"';
      document.head.append(script);
      return document.title === 'written';
    });
    expect(ran).toBe(false);
  });
});

describe('a new version', () => {
  const title = () => page.title();

  it('waits until it is asked for, and then takes over', async () => {
    const site = join(root, SUB_PATH);
    const html = readFileSync(join(site, 'index.html'), 'utf8');
    writeFileSync(join(site, 'index.html'), html.replace('<title>Halftone</title>', '<title>Halftone 2</title>'));
    // The list in the service worker, as the next build would write it.
    const old = readFileSync(join(site, 'sw.js'), 'utf8');
    listFiles(site, old.replace(/JSON\.parse\((["'`]).*?(?<!\\)\1\)/s, 'JSON.parse("__HALFTONE_BUILD__")'));
    await page.reload();
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      while (!registration.waiting) await new Promise((resume) => setTimeout(resume, 20));
    });
    await page.reload();
    expect(await title()).toBe('Halftone');
    await page.evaluate(async () => {
      const { waiting } = await navigator.serviceWorker.ready;
      const taken = new Promise((resume) => navigator.serviceWorker.addEventListener('controllerchange', resume));
      waiting?.postMessage('skip-waiting');
      await taken;
    });
    await page.reload();
    expect(await title()).toBe('Halftone 2');
    expect(await isolated()).toBe(true);
    const pages = (await kept()).filter((url) => url.includes('index.html'));
    expect(pages).toHaveLength(1);
  }, 60_000);
});

describe('without service workers', () => {
  it('the page works on one thread', async () => {
    const plain = await browser.newContext({ serviceWorkers: 'block' });
    const other = await plain.newPage();
    await other.goto(server.url + SUB_PATH);
    await engineReady(other);
    expect(await other.evaluate(() => crossOriginIsolated)).toBe(false);
    await openModel(other, tiny);
    await compressAndWait(other);
    await plain.close();
  }, 90_000);
});
