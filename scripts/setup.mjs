// Makes a machine able to build (and, with 'test', to test) Halftone: Debian packages, Emscripten, protobuf, npm packages.
// What is there already is left alone, so a second run takes a second.
import * as fs from 'node:fs/promises';
import { installMissing } from './lib/apt.mjs';
import { cacheDir, sweep } from './lib/cache.mjs';
import { exec } from './lib/exec.mjs';
import { main, Problem, say, step } from './lib/log.mjs';
import { inRoot, isMain } from './lib/root.mjs';
import { hashOf, unlessUnchanged } from './lib/stamp.mjs';
import { ensureOnnxProto, ensureWasmProtobuf } from './protobuf.mjs';
import { ensureEmscripten, findEmscripten } from './toolchain.mjs';

const forBuilding = [
  { name: 'cmake', provides: 'cmake' },
  { name: 'ninja-build', provides: 'ninja' },
  { name: 'ccache', provides: 'ccache' },
  { name: 'python3', provides: 'python3' },
  { name: 'xz-utils', provides: 'xz' },
  { name: 'protobuf-compiler', provides: 'protoc' },
];
const forTesting = [
  { name: 'build-essential', provides: 'g++' },
  { name: 'libgtest-dev', provides: '/usr/include/gtest/gtest.h' },
  { name: 'libgmock-dev', provides: '/usr/include/gmock/gmock.h' },
  { name: 'libprotobuf-dev', provides: '/usr/include/google/protobuf/message_lite.h' },
  { name: 'libonnx-dev', provides: '/usr/include/onnx/checker.h' },
  { name: 'chromium', provides: 'chromium' },
];

/** Resolves to the Emscripten in use. */
export async function setup({ testing = false } = {}) {
  checkNode();
  await installMissing(testing ? [...forBuilding, ...forTesting] : forBuilding);
  await prepareCache();
  const emscripten = await ensureEmscripten();
  await ensureOnnxProto();
  await ensureWasmProtobuf(emscripten);
  await ensureNodeModules();
  return emscripten;
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Problem(`This is Node ${process.versions.node}, and Halftone needs Node 20 or newer.`);
}

async function prepareCache() {
  try {
    await fs.mkdir(cacheDir, { recursive: true });
  } catch {
    throw new Problem(`The cache folder ${cacheDir} cannot be made: set HALFTONE_CACHE to a folder you may write to.`);
  }
  await sweep();
  const { bavail, bsize } = await fs.statfs(cacheDir);
  const free = (bavail * bsize) / 1e9;
  const needed = (await findEmscripten()) ? 0.8 : 2.2;
  if (free < needed) {
    throw new Problem(
      `The disk has ${free.toFixed(1)} GB free and ${needed} GB are needed: make room and run the command again.`,
    );
  }
}

export async function ensureNodeModules() {
  const hash = await hashOf(['package-lock.json']);
  await unlessUnchanged(inRoot('node_modules/.halftone-stamp'), hash, inRoot('node_modules/vite'), () =>
    step('Installing npm packages', async () => {
      const { code, out } = await exec('npm', ['ci', '--no-audit', '--no-fund'], { cwd: inRoot() });
      if (code === 0) return;
      if (/ENOSPC/.test(out)) throw new Problem('The disk is full: make room and run the command again.');
      if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|network/.test(out)) {
        throw new Problem('The npm registry cannot be reached: check the network and run the command again.');
      }
      throw new Problem(`npm ci failed: ${/npm error (?!code)(.+)/.exec(out)?.[1] ?? 'see `npm ci`'}`);
    }),
  );
}

if (isMain(import.meta)) {
  await main(async () => {
    const emscripten = await setup({ testing: process.argv.includes('test') });
    say(`Ready: Emscripten ${emscripten.version}, cache in ${cacheDir}.`);
  });
}
