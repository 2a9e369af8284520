// Three projects, told apart by where a test lives: unit/ (plain functions of the page and the engine client), node/ (the
// built library in dist/lib), browser/ (the built page in Chromium, driven by playwright-core).
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

const project = (name: string, seconds: number) => ({
  root,
  test: {
    name,
    include: [`tests/web/${name}/**/*.test.{ts,tsx}`],
    environment: 'node',
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    // Engines and browsers use every core themselves.
    fileParallelism: name === 'unit',
  },
});

export default defineConfig({
  root,
  test: { projects: [project('unit', 20), project('node', 120), project('browser', 120)] },
});
