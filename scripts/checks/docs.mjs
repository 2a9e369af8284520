// Every path that the documents name exists. A path is what stands in `backticks`, in a link or in a code block and
// begins with one of the checkout's folders; a `*` in it has to match something; what builds make is left aside.
import { existsSync } from 'node:fs';
import { inRoot } from '../lib/root.mjs';
import { projectFiles, readProjectFile } from './tracked.mjs';

const documents = ['ARCHITECTURE.md', 'README.md', 'CONTRIBUTING.md'];
const pathLike =
  /(?<![\w/.$~<-])(?:(?:core|wasm|web|tests|scripts|cmake|\.ci)\/[\w./*-]*|[A-Z][A-Za-z]+\.(?:md|txt|json))(?![\w<{$])/g;

export async function checkDocs() {
  const files = await projectFiles();
  const problems = [];
  for (const document of documents.filter((name) => existsSync(inRoot(name)))) {
    for (const { path, line } of pathsIn(await readProjectFile(document))) {
      if (!names(path, files)) problems.push(`${document}:${line}: names ${path}, which does not exist`);
    }
  }
  return problems;
}

export function pathsIn(text) {
  const found = [];
  let fenced = false;
  text.split('\n').forEach((line, index) => {
    if (/^\s*```/.test(line)) fenced = !fenced;
    const spans = fenced
      ? [line]
      : [...line.matchAll(/`([^`]+)`|\]\(([^)#]+)[^)]*\)/g)].map(([, code, link]) => code ?? link);
    for (const span of spans) {
      for (const [path] of span.matchAll(pathLike)) found.push({ path: path.replace(/[.,:]+$/, ''), line: index + 1 });
    }
  });
  return found;
}

function names(path, files) {
  if (!path.includes('*')) return existsSync(inRoot(path));
  const pattern = new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\*+/g, '[^/]*')}(/|$)`);
  return files.some((file) => pattern.test(file));
}
