// The command line for Node: web/cli/main.ts -> dist/cli/halftone.js, one file that stands on dist/lib/halftone.js.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('..'),
  publicDir: false,
  resolve: { alias: [{ find: /^(\.\.\/)+src\/engine\/index$/, replacement: '../lib/halftone.js' }] },
  build: {
    outDir: at('../../dist/cli'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    ssr: at('../cli/main.ts'),
    rollupOptions: {
      external: ['../lib/halftone.js'],
      output: { entryFileNames: 'halftone.js', banner: '#!/usr/bin/env node' },
    },
  },
  ssr: { noExternal: true },
});
