// Not a rule but a reminder: source files that have grown long, longest first.
import { projectFiles, readProjectFile } from './tracked.mjs';

const aim = 350;

export async function longFiles() {
  const found = [];
  for (const path of await projectFiles((name) =>
    /^(core|wasm|web\/src|tests|scripts)\/.*\.(cc|h|ts|tsx|mjs|css)$/.test(name),
  )) {
    const lines = (await readProjectFile(path)).split('\n').length - 1;
    if (lines > aim) found.push({ path, lines });
  }
  return found.sort((a, b) => b.lines - a.lines);
}
