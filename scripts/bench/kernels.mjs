// `npm run bench -- --kernels`: the kernels alone, without models: the C++ benchmarks of tests/bench, built for
// WebAssembly and run one after the other in the benchmark's page. Every row says its share of what the machine reaches
// with the same instruction in the same rounds.
import { buildPreset } from '../build.mjs';
import { bold, clearLine, say, step, transient } from '../lib/log.mjs';
import { inRoot } from '../lib/root.mjs';
import { openSite } from './site.mjs';

const programs = ['kernels_bench', 'memory_bench', 'nbits_bench'];

/** Prints as it goes; resolves to {browser, variant, programs: [{name, lines}]}. */
export async function benchKernels({ variant: asked, build }) {
  const variant = asked === 'auto' ? 'relaxed' : asked;
  const preset = `wasm-${variant}`;
  if (build) await step(`Building the kernel benchmarks (${variant})`, () => buildPreset(preset, programs));
  const site = await openSite([], null, inRoot('build', preset));
  const report = { browser: site.version, variant, programs: [] };
  say(`\n${site.version}, ${variant}`);
  try {
    for (const name of programs) {
      transient(`  ${name}`);
      const lines = await site.call('runKernels', name);
      clearLine();
      say(`\n${bold(name)}\n${lines.join('\n')}`);
      report.programs.push({ name, lines });
    }
  } finally {
    await site.close();
  }
  return report;
}
