// What core/onnx needs for the wire format, kept in the cache folder: ONNX's schema (onnx.proto of Debian testing, which
// is newer than a stable release's) and libprotobuf-lite built for WebAssembly from the sources of the machine's own
// Debian release, so that it matches the installed protoc.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import * as os from 'node:os';
import { join } from 'node:path';
import { debianMirror, PrivateApt } from './lib/apt.mjs';
import { cached, cachedVersions, publish, withTemporary } from './lib/cache.mjs';
import { capture, run } from './lib/exec.mjs';
import { Problem, step } from './lib/log.mjs';

export async function ensureOnnxProto() {
  if ((await cachedVersions('onnx-proto')).length > 0) return;
  const mirror = await debianMirror();
  if (!mirror) {
    if (existsSync('/usr/include/onnx/onnx.proto') || existsSync('/usr/local/include/onnx/onnx.proto')) return;
    throw new Problem("ONNX's schema was not found: install onnx.proto into /usr/local/include/onnx.");
  }
  await step("Fetching ONNX's schema", () =>
    withTemporary(async (temporary) => {
      const testing = await PrivateApt.open(join(temporary, 'apt'), [PrivateApt.sources(mirror, 'testing')]);
      const version = await testing.version('libonnx-dev');
      await testing.unpack(['libonnx-dev'], join(temporary, 'debs'), join(temporary, 'unpacked'));
      await mkdir(join(temporary, 'entry/onnx'), { recursive: true });
      await copyFile(join(temporary, 'unpacked/usr/include/onnx/onnx.proto'), join(temporary, 'entry/onnx/onnx.proto'));
      await publish(join(temporary, 'entry'), `onnx-proto-${version}`);
    }),
  );
}

export async function ensureWasmProtobuf(emscripten) {
  const version = /[\d.]+$/.exec((await capture('protoc', ['--version'])) ?? '')?.[0];
  if (!version) throw new Problem('protoc does not run: install protobuf-compiler.');
  const name = `protobuf-lite-${version}-emscripten-${emscripten.version}`;
  if (existsSync(cached(name))) return;
  const mirror = await debianMirror();
  if (!mirror)
    throw new Problem(`The sources of protobuf ${version} come from a Debian mirror, and this machine names none.`);
  await step(`Building protobuf-lite ${version} for WebAssembly`, () =>
    withTemporary(async (temporary) => {
      const own = await PrivateApt.open(join(temporary, 'apt'), [PrivateApt.sources(mirror, mirror.suite, 'deb-src')]);
      await own.source('protobuf', join(temporary, 'download'));
      const files = await readdir(join(temporary, 'download'));
      const archive = files.find((file) => /\.orig\.tar\.\w+$/.test(file));
      if (!archive?.includes(`_${version}.`)) {
        throw new Problem(
          `protoc is version ${version}, but this machine's Debian release has the sources of ${archive}.`,
        );
      }
      await mkdir(join(temporary, 'source'));
      await run('tar', [
        '-xf',
        join(temporary, 'download', archive),
        '-C',
        join(temporary, 'source'),
        '--strip-components=1',
      ]);
      await build(temporary, emscripten);
      await publish(join(temporary, 'entry'), name);
    }),
  );
}

async function build(temporary, emscripten) {
  const option = (name, value) => `-D${name}=${value}`;
  await run('cmake', [
    '-G',
    'Ninja',
    '-S',
    join(temporary, 'source'),
    '-B',
    join(temporary, 'build'),
    '-Wno-dev',
    option('CMAKE_TOOLCHAIN_FILE', join(emscripten.root, 'cmake/Modules/Platform/Emscripten.cmake')),
    option('CMAKE_BUILD_TYPE', 'Release'),
    // Code made for threads links into modules without them too, so that one library serves every variant.
    option('CMAKE_CXX_FLAGS', '-fno-exceptions -w -pthread'),
    option('protobuf_BUILD_TESTS', 'OFF'),
    option('protobuf_BUILD_PROTOC_BINARIES', 'OFF'),
    option('protobuf_WITH_ZLIB', 'OFF'),
  ]);
  const jobs = String(os.availableParallelism());
  await run('cmake', ['--build', join(temporary, 'build'), '--target', 'libprotobuf-lite', '-j', jobs]);
  await mkdir(join(temporary, 'entry/lib'), { recursive: true });
  await copyFile(join(temporary, 'build/libprotobuf-lite.a'), join(temporary, 'entry/lib/libprotobuf-lite.a'));
  await copyHeaders(join(temporary, 'source/src/google'), join(temporary, 'entry/include/google'));
}

async function copyHeaders(from, to) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory() && entry.name !== 'compiler') await copyHeaders(source, target);
    else if (/\.(h|inc)$/.test(entry.name)) await copyFile(source, target);
  }
}
