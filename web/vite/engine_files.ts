// A Vite plugin for the wasm variants that CMake built. Their .mjs and .wasm files are passed on as they are, never
// renamed, bundled or inlined: copied into the output on build, and served from build/ in development.
import { copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { isolation } from '../../scripts/lib/headers.mjs';

const buildFolder = fileURLToPath(new URL('../../build', import.meta.url));
const isEngineFile = /^halftone-[\w-]+\.(mjs|wasm)$/;

/** Absolute paths of every variant's .mjs and .wasm. */
function engineFiles(): { name: string; path: string }[] {
  if (!existsSync(buildFolder)) return [];
  return readdirSync(buildFolder)
    .filter((folder) => folder.startsWith('wasm-'))
    .flatMap((folder) =>
      readdirSync(join(buildFolder, folder))
        .filter((name) => isEngineFile.test(name))
        .map((name) => ({ name, path: join(buildFolder, folder, name) })),
    );
}

/** `folder`: where the files go below the output folder and the site's root; '' for beside the library. */
export function engineFilesPlugin(folder: string): Plugin {
  let output = '';
  return {
    name: 'halftone-engine-files',
    configResolved(config) {
      output = resolve(config.root, config.build.outDir, folder);
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        const file = engineFiles().find(({ name }) => path === `/${folder}/${name}`);
        if (!file) return next();
        response.setHeader('Content-Type', file.name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript');
        // A worker's script has to ask for isolation too.
        for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value);
        createReadStream(file.path).pipe(response);
      });
    },
    closeBundle() {
      const files = engineFiles();
      if (files.length === 0) this.warn('no wasm variant has been built yet: run `npm run build:wasm`');
      mkdirSync(output, { recursive: true });
      for (const { name, path } of files) copyFileSync(path, join(output, name));
    },
  };
}
