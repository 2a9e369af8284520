// A Vite plugin for "check with onnxruntime-web": its files go to the site as they are, and are loaded only when asked for.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'vite';

const files = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];
const from = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));

export function ortFilesPlugin(folder: string): Plugin {
  let output = '';
  return {
    name: 'halftone-ort-files',
    configResolved(config) {
      output = resolve(config.root, config.build.outDir, folder);
    },
    closeBundle() {
      mkdirSync(output, { recursive: true });
      for (const name of files) copyFileSync(join(from, name), join(output, name));
    },
  };
}
