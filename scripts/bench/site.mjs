// The benchmark's site: its page, every library to be compared, the peers and the shared models, side by side as
// links in build/bench/site. Each measurement gets a fresh page, so that memory and compiled code are its own.
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { launchChromium } from '../lib/chromium.mjs';
import { run } from '../lib/exec.mjs';
import { isolation } from '../lib/headers.mjs';
import { Problem } from '../lib/log.mjs';
import { inRoot } from '../lib/root.mjs';
import { serveFolder } from '../lib/server.mjs';

/** Links `libraries` (folders) as lib0, lib1, ... and answers these names; `kernels`: the folder of kernel benchmarks. */
async function linkSite(site, libraries, shared, kernels) {
  await rm(site, { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  const names = libraries.map((_, i) => `lib${i}`);
  const links = [
    [inRoot('build/bench/page'), 'page'],
    [inRoot('node_modules/onnxruntime-web/dist'), 'ort'],
    [inRoot('node_modules/@tensorflow/tfjs-backend-wasm/dist'), 'tfjs'],
    ...libraries.map((folder, i) => [resolve(folder), names[i]]),
    ...(shared ? [[resolve(shared, 'models'), 'models']] : []),
    ...(kernels ? [[kernels, 'kernels']] : []),
  ];
  for (const [target, name] of links) await symlink(target, `${site}/${name}`);
  return names;
}

async function buildBenchPage() {
  await run(
    inRoot('node_modules/.bin/vite'),
    ['build', '--config', 'tests/bench/vite.config.ts', '--logLevel', 'warn'],
    {
      cwd: inRoot(),
      sentence: "Vite could not build the benchmark's page: see above.",
    },
  );
}

/** Resolves to {libraries, call(name, ...args), version, close()}: `call` runs window.bench[name] in a fresh page. */
export async function openSite(libraries, shared, kernels) {
  for (const folder of libraries) {
    if (!existsSync(`${folder}/halftone.js`)) throw new Problem(`${folder} holds no built library (halftone.js).`);
  }
  await buildBenchPage();
  const site = inRoot('build/bench/site');
  const names = await linkSite(site, libraries, shared, kernels);
  const server = await serveFolder(site, { headers: isolation });
  const browser = await launchChromium();
  return {
    libraries: names,
    version: `Chromium ${browser.version()}`,
    async call(name, ...args) {
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(new URL('page/', server.url).href);
        await page.waitForFunction(() => 'bench' in window);
        return await page.evaluate(([method, list]) => window.bench[method](...list), [name, args]);
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
