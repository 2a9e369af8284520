// The page: web/index.html -> dist/site, a folder that any static server can serve from any path.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { isolation } from '../../scripts/lib/headers.mjs';
import { engineFilesPlugin } from './engine_files.ts';
import { offlinePlugin } from './offline.ts';
import { ortFilesPlugin } from './ort_files.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('..'),
  base: './',
  publicDir: at('../public'),
  plugins: [engineFilesPlugin('engine'), ortFilesPlugin('ort'), offlinePlugin()],
  worker: { format: 'es' },
  build: {
    outDir: at('../../dist/site'),
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    // Small assets as files too: the page's security policy has no data: scripts, and the service worker lists files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { page: at('../index.html'), sw: at('../src/offline/service_worker.ts') },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { headers: isolation },
});
