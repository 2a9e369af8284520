// No include climbs: a file in core/<floor>/ includes only its own floor and those that CMakeLists.txt says it stands on.
// Protobuf is known in core/onnx only, Emscripten in wasm/ only, and the core has no streams.
import { projectFiles, readProjectFile } from './tracked.mjs';

const floorOf = (path) => /^core\/(\w+)\//.exec(path)?.[1] ?? /^(wasm)\//.exec(path)?.[1];

// Calls that would read files or print; snprintf into a buffer is neither.
const printing = /std::(cout|cerr|clog)\b|(?<![\w:])(std::)?(printf|fprintf|puts|fopen)\s*\(/;

const rules = [
  { include: /^(google\/protobuf|onnx\.pb\.h)/, rooms: /^core\/onnx\//, why: 'protobuf is known in core/onnx only' },
  { include: /^emscripten/, rooms: /^wasm\//, why: 'Emscripten is known in wasm/ only' },
  {
    include: /^(wasm_simd128|immintrin|x86intrin|arm_neon|[a-z]mmintrin)\.h/,
    rooms: /^core\/kernels\//,
    why: 'instructions belong to core/kernels',
  },
  { include: /^(iostream|fstream)$/, rooms: /^(?!core\/)/, why: 'the core neither reads files nor prints' },
];

export async function checkFloors() {
  const below = standsOn(await readProjectFile('CMakeLists.txt'));
  const problems = [];
  for (const path of await projectFiles((name) => /^(core|wasm)\/.*\.(h|cc|inc)$/.test(name))) {
    const floor = floorOf(path);
    const lines = (await readProjectFile(path)).split('\n');
    lines.forEach((line, index) => {
      if (path.startsWith('core/') && printing.test(line.replace(/\/\/.*/, ''))) {
        problems.push(`${path}:${index + 1}: the core neither reads files nor prints`);
      }
      const [, mark, included] = /^\s*#\s*include\s*(["<])([^">]+)[">]/.exec(line) ?? [];
      if (!included) return;
      const complain = (why) => problems.push(`${path}:${index + 1}: includes ${included}: ${why}`);
      const target = floorOf(included);
      if (target && !below.get(floor)?.has(target)) complain(`${floor} does not stand on ${target}`);
      if (mark === '"' && !target && included !== 'onnx.pb.h') complain('write the path from the root of the checkout');
      for (const rule of rules) if (rule.include.test(included) && !rule.rooms.test(path)) complain(rule.why);
    });
  }
  return problems;
}

/** floor -> every floor it may include, from the halftone_floor() lines of CMakeLists.txt. */
export function standsOn(cmake) {
  const below = new Map();
  const reach = (name, direct) => new Set([name, ...direct.flatMap((floor) => [...(below.get(floor) ?? [])])]);
  for (const [, name, list = ''] of cmake.matchAll(/^halftone_floor\((\w+)(?:\s+ON((?:\s+[a-z]\w*)+))?/gm)) {
    below.set(name, reach(name, list.trim().split(/\s+/).filter(Boolean)));
  }
  below.set('wasm', reach('wasm', ['session']));
  return below;
}
