// Emscripten: the one of the machine (EMSDK, or an emcc of version 4 or newer on PATH), else a private one in the cache
// folder, unpacked from Debian testing's packages with their own C library, so that nothing of the system is touched.
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianMirror, PrivateApt } from './lib/apt.mjs';
import { cached, publish, withTemporary } from './lib/cache.mjs';
import { capture, run, which } from './lib/exec.mjs';
import { Problem, step } from './lib/log.mjs';
import { inRoot } from './lib/root.mjs';

// What Emscripten's packages depend on and a compiler for WebAssembly does not use.
const notNeeded =
  /^(ccache|nodejs|python3.*|libstdc\+\+-.*-dev|libgcc-.*-dev|libobjc-.*|libc6-dev|binutils|libcurl.*|libc-gconv.*|llvm-.*-runtime|debconf.*)$/;
// The programs of LLVM that emcc and CMake call; the rest is not kept.
const llvmTools =
  /^(clang(\+\+)?(-\d+)?|clang-scan-deps|lld|wasm-ld|llvm-(ar|ranlib|nm|objcopy|strip|dwarfdump|dwp|cxxfilt|symbolizer))$/;

/** {version, root} of the Emscripten that the builds will use, or null. cmake/find_emscripten.cmake decides. */
export async function findEmscripten() {
  const out = await capture('cmake', ['-P', inRoot('cmake/find_emscripten.cmake')]);
  const [, version, root] = /^(\d+\.\d+\.\d+) (.+)$/m.exec(out ?? '') ?? [];
  return version ? { version, root } : null;
}

export async function ensureEmscripten() {
  const found = await findEmscripten();
  if (found) return found;
  const onPath = which('emcc');
  const mirror = await debianMirror();
  if (!mirror || process.arch !== 'x64' || !which('apt-get') || !which('dpkg-deb')) {
    throw new Problem(
      `${onPath ? 'The emcc on PATH is older than version 4' : 'There is no emcc on PATH'}, and a private Emscripten can only be ` +
        'unpacked on Debian for x86-64: install Emscripten 4 or newer and put emcc on PATH.',
    );
  }
  await step('Fetching Emscripten from Debian testing into the cache folder (about 100 MB)', () => install(mirror));
  const installed = await findEmscripten();
  if (!installed) throw new Problem('Emscripten was unpacked but is not found: remove the cache folder and run again.');
  await step('Building the C and C++ libraries of Emscripten', () => warmUp(installed));
  return installed;
}

async function install(mirror) {
  await withTemporary(async (temporary) => {
    const prefix = join(temporary, 'prefix');
    const testing = await PrivateApt.open(join(temporary, 'testing'), [PrivateApt.sources(mirror, 'testing')]);
    const version = await testing.version('emscripten');
    const names = await testing.closure(['emscripten'], notNeeded);
    await testing.unpack(names, join(temporary, 'debs'), prefix);
    const final = cached(`emscripten-${version}`);
    await trim(prefix);
    await relocate(prefix, final, await fetchPatchelf(mirror, temporary));
    await configure(prefix);
    await publish(prefix, `emscripten-${version}`);
  });
}

/** patchelf of the machine's own release, so that it runs here. */
async function fetchPatchelf(mirror, temporary) {
  if (which('patchelf')) return 'patchelf';
  const own = await PrivateApt.open(join(temporary, 'own'), [PrivateApt.sources(mirror, mirror.suite)]);
  await own.unpack(['patchelf'], join(temporary, 'patchelf-deb'), join(temporary, 'patchelf'));
  return join(temporary, 'patchelf/usr/bin/patchelf');
}

async function llvmRoot(prefix) {
  const name = (await readdir(join(prefix, 'usr/lib'))).find((entry) => /^llvm-\d+$/.test(entry));
  if (!name) throw new Problem('The packages of Debian testing hold no LLVM: its layout has changed.');
  return { bin: join('usr/lib', name, 'bin'), lib: join('usr/lib', name, 'lib'), major: name.slice(5) };
}

async function trim(prefix) {
  const { bin, major } = await llvmRoot(prefix);
  for (const name of await readdir(join(prefix, bin))) {
    if (!llvmTools.test(name)) await rm(join(prefix, bin, name));
  }
  for (const name of await readdir(join(prefix, 'usr/bin'))) {
    const tool = name.endsWith(`-${major}`) && name.slice(0, -major.length - 1);
    if (tool && !existsSync(join(prefix, 'usr/bin', name))) await rm(join(prefix, 'usr/bin', name));
  }
  for (const name of ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'etc', 'usr/lib/x86_64-linux-gnu/gconv']) {
    await rm(join(prefix, name), { recursive: true, force: true });
  }
}

/** Makes programs use the prefix's own loader and libraries, under the name the prefix will have in the end. */
async function relocate(prefix, final, patchelf) {
  const { bin, lib } = await llvmRoot(prefix);
  const libraries = 'usr/lib/x86_64-linux-gnu';
  const rpath = [join(final, libraries), join(final, lib)].join(':');
  for (const folder of [bin, 'usr/bin']) {
    for (const path of await elfFiles(join(prefix, folder))) {
      const loader = join(final, libraries, 'ld-linux-x86-64.so.2');
      await run(patchelf, ['--set-interpreter', loader, '--force-rpath', '--set-rpath', rpath, path]);
    }
  }
  // A library with a search path of its own would not look in its program's.
  for (const path of await elfFiles(join(prefix, libraries))) {
    if (/lib(LLVM|clang|binaryen)/.test(path)) await run(patchelf, ['--remove-rpath', path]);
  }
}

async function elfFiles(folder) {
  const found = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!(await lstat(path)).isFile()) continue;
    const magic = (await readFile(path)).subarray(0, 4).toString('latin1');
    if (magic === '\x7fELF') found.push(path);
  }
  return found;
}

/** emcc reads the .emscripten that lies beside it. */
async function configure(prefix) {
  const { major } = await llvmRoot(prefix);
  await rm(join(prefix, 'usr/share/node_modules'), { force: true, recursive: true });
  await symlink('nodejs', join(prefix, 'usr/share/node_modules'));
  await mkdir(join(prefix, 'cache'), { recursive: true });
  await writeFile(
    join(prefix, 'usr/share/emscripten/.emscripten'),
    [
      'import shutil',
      "LLVM_ROOT = '$CFGDIR/../../bin'",
      "BINARYEN_ROOT = '$CFGDIR/../..'",
      `NODE_JS = shutil.which('node') or '${process.execPath}'`,
      "CACHE = '$CFGDIR/../../../cache'",
      `LLVM_ADD_VERSION = '${major}'`,
      `CLANG_ADD_VERSION = '${major}'`,
      '',
    ].join('\n'),
  );
}

/** Links a first program, so that emcc builds its system libraries now and not in the middle of the first build. */
async function warmUp({ root }) {
  await withTemporary(async (temporary) => {
    const source = join(temporary, 'first.cc');
    await writeFile(
      source,
      '#include <emscripten/bind.h>\n#include <string>\nEMSCRIPTEN_BINDINGS(first) { emscripten::function("size", +[](std::string s) { return int(s.size()); }); }\n',
    );
    const ours = ['-fno-exceptions', '-sMODULARIZE', '-sEXPORT_ES6', '-sFILESYSTEM=0'];
    for (const flags of [['-O3'], ['-O3', ...ours], ['-Oz', '-pthread', ...ours]]) {
      await run(join(root, 'em++'), [source, '--bind', ...flags, '-o', join(temporary, 'first.mjs')], {
        sentence: 'Emscripten does not run: remove the cache folder and run the command again.',
      });
    }
  });
}
