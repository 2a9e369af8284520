// The page's side of `npm run bench`: what scripts/bench.mjs calls, under window.bench.

import { compareModel } from './compare';
import { watchMemories } from './contestants';
import { halftoneLoading, ortLoading, quantizing } from './costs';
import { runKernels } from './kernels';
import { builtModels } from './models';

watchMemories();

const bench = { builtModels: () => builtModels, compareModel, halftoneLoading, ortLoading, quantizing, runKernels };

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
