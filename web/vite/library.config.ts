// The library that pages, workers and Node import: web/src/engine/index.ts -> dist/lib/halftone.js, its worker and the
// wasm variants beside it.
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { engineFilesPlugin } from './engine_files.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Vite nests two URLs around the worker's name; this writes the one form that other people's bundlers recognize. */
const plainWorkerUrl: Plugin = {
  name: 'halftone-plain-worker-url',
  generateBundle(_options, bundle) {
    const nested =
      /new URL\(\s*(?:\/\*[^*]*\*\/\s*)?new URL\("([\w-]+\.js)", import\.meta\.url\)\.href,\s*(?:"" \+ )?import\.meta\.url\s*\)/g;
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replace(nested, 'new URL("./$1", import.meta.url)');
    }
  },
};

export default defineConfig({
  root: at('..'),
  base: './',
  publicDir: false,
  plugins: [engineFilesPlugin(''), plainWorkerUrl],
  worker: { format: 'es', rollupOptions: { output: { entryFileNames: 'halftone-worker.js' } } },
  build: {
    outDir: at('../../dist/lib'),
    emptyOutDir: true,
    target: 'es2022',
    minify: false,
    assetsInlineLimit: 0,
    lib: { entry: at('../src/engine/index.ts'), formats: ['es'], fileName: () => 'halftone.js' },
    rollupOptions: { external: [/^node:/] },
  },
});
