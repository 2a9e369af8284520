// The options of `npm run bench`.
import { Problem } from '../lib/log.mjs';

export const usage = `npm run bench -- [options]

  --models <regex>   only models whose name matches (default: all)
  --threads <list>   thread counts, for example 1,2 (default: 1, and 2 for the models made here where threads exist)
  --variant <name>   auto, simd or relaxed (default: auto)
  --runs <n>         rounds of the measurement (default: 20)
  --quick            7 short rounds of the models made here, nothing else
  --profile          time by operator, and the slowest nodes, of every model
  --kernels          single kernels instead of models, as shares of the machine's limits; takes --variant (auto is
                     relaxed), --no-build and --json
  --lib <folder>     another built library (a copy of dist/lib) to compare with in the same rounds; may be repeated
  --no-peers         Halftone only
  --no-build         measures dist/lib as it is
  --json [file]      also writes everything measured (default: build/bench/report.json)
  --help`;

const MAX_THREADS = 64;

function threadsOf(text) {
  const counts = text.split(',').map(Number);
  if (!counts.every((n) => Number.isInteger(n) && n >= 1 && n <= MAX_THREADS)) {
    throw new Problem(`--threads takes whole numbers such as 1,2, not ${text}.`);
  }
  return counts;
}

function patternOf(text) {
  try {
    return new RegExp(text, 'i');
  } catch {
    throw new Problem(`--models takes a regular expression, and ${text} is none.`);
  }
}

function variantOf(text) {
  if (['auto', 'simd', 'relaxed'].includes(text)) return text;
  throw new Problem(`--variant is auto, simd or relaxed, not ${text}.`);
}

function runsOf(text) {
  const runs = Number(text);
  if (Number.isInteger(runs) && runs >= 1) return runs;
  throw new Problem(`--runs takes a whole number from 1 on, not ${text}.`);
}

const flags = {
  '--quick': { quick: true },
  '--profile': { profile: true },
  '--kernels': { kernels: true },
  '--no-peers': { peers: false },
  '--no-build': { build: false },
  '--help': { help: true },
};
const valued = {
  '--models': (text) => ({ models: patternOf(text) }),
  '--threads': (text) => ({ threads: threadsOf(text) }),
  '--variant': (text) => ({ variant: variantOf(text) }),
  '--runs': (text) => ({ runs: runsOf(text) }),
  '--lib': (text, { libraries }) => ({ libraries: [...libraries, text] }),
};

/** `threads: null` stands for the default; `json`: null or a file. */
export function parseOptions(args) {
  const options = {
    models: null,
    threads: null,
    variant: 'auto',
    runs: null,
    quick: false,
    profile: false,
    kernels: false,
    libraries: [],
    peers: true,
    build: true,
    json: null,
    help: false,
  };
  const rest = [...args];
  while (rest.length > 0) {
    const name = rest.shift();
    if (Object.hasOwn(flags, name)) {
      Object.assign(options, flags[name]);
    } else if (Object.hasOwn(valued, name)) {
      const text = rest.shift();
      if (text === undefined) throw new Problem(`${name} needs a value.\n\n${usage}`);
      Object.assign(options, valued[name](text, options));
    } else if (name === '--json') {
      options.json = rest.length > 0 && !rest[0].startsWith('--') ? rest.shift() : 'build/bench/report.json';
    } else {
      throw new Problem(`There is no option ${name}.\n\n${usage}`);
    }
  }
  return { ...options, runs: options.runs ?? (options.quick ? 7 : 20) };
}
