// The benchmark's page: tests/bench/page -> build/bench/page. Engines, peers and models stand beside it as they are.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('page'),
  base: './',
  publicDir: false,
  worker: { format: 'es' },
  build: {
    outDir: at('../../build/bench/page'),
    emptyOutDir: true,
    target: 'es2022',
    minify: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 5000,
  },
});
