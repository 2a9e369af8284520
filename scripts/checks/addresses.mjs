// No file of the project names a package registry or mirror that this machine uses, nor a path of this machine.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '../lib/cache.mjs';
import { capture } from '../lib/exec.mjs';
import { root } from '../lib/root.mjs';
import { projectFiles, readProjectFile } from './tracked.mjs';

const binary = /\.(png|jpg|jpeg|webp|ico|onnx|wasm|woff2|bin|gz|zip|npy|npz|pb)$/;

export async function checkAddresses() {
  const forbidden = [...(await registryHosts()), ...machinePaths()];
  const problems = [];
  for (const path of await projectFiles((name) => !binary.test(name))) {
    const text = await readProjectFile(path);
    for (const [what, why] of forbidden) {
      if (text.includes(what)) problems.push(`${path}: names ${why}`);
    }
    if (path === 'package-lock.json' && text.includes('"resolved"')) problems.push(`${path}: holds download addresses`);
  }
  return problems;
}

async function registryHosts() {
  const texts = [(await capture('npm', ['config', 'get', 'registry'])) ?? ''];
  for (const folder of ['/etc/apt', '/etc/apt/sources.list.d']) {
    if (!existsSync(folder)) continue;
    const lists = readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name));
    texts.push(...lists.map((name) => readFileSync(join(folder, name), 'utf8')));
  }
  const hosts = texts.flatMap((text) => [...text.matchAll(/\bhttps?:\/\/([^\s/"']+)/g)].map(([, host]) => host));
  return [...new Set(hosts)].map((host) => [host, 'a package registry or mirror']);
}

function machinePaths() {
  const paths = [cacheDir, root, dirname(root)].filter(
    (path) => path.split('/').filter(Boolean).length > 1 || path === root,
  );
  return [...new Set(paths)].map((path) => [`${path}/`, 'a path of this machine']);
}
