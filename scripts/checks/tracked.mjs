// The files of the project: what git tracks or would track, so that build folders and ignored files stay out.
import { readFile } from 'node:fs/promises';
import { run } from '../lib/exec.mjs';
import { inRoot, root } from '../lib/root.mjs';

/** Paths relative to the checkout that `wanted` accepts. */
export async function projectFiles(wanted = () => true) {
  const out = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
    cwd: root,
    sentence: 'git could not list the files of this checkout.',
  });
  const deleted = await run('git', ['ls-files', '-z', '--deleted'], { cwd: root });
  const gone = new Set(deleted.split('\0'));
  return out.split('\0').filter((path) => path && !gone.has(path) && wanted(path));
}

export const readProjectFile = (path) => readFile(inRoot(path), 'utf8');
