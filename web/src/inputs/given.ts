// Files as the page is given them, as files of a data set: from a picker, a drop, a folder, or inside of a zip archive.
import type { NamedFile } from './folder';
import { unzip } from './zip';

const isZip = (name: string) => /\.zip$/i.test(name);

const plain = (file: File): NamedFile => ({
  path: file.webkitRelativePath || file.name,
  bytes: async () => new Uint8Array(await file.arrayBuffer()),
});

async function inside(archive: File): Promise<NamedFile[]> {
  const bytes = new Uint8Array(await archive.arrayBuffer());
  const entries = await unzip(bytes, archive.name, (path) => !/__MACOSX|\/$/.test(path));
  return Array.from(entries, ([path, content]) => ({ path, bytes: async () => content }));
}

export async function namedFiles(files: readonly File[]): Promise<NamedFile[]> {
  const lists = await Promise.all(files.map((file) => (isZip(file.name) ? inside(file) : [plain(file)])));
  return lists.flat();
}

/** Whether files look like a data set, and not like a picture or two to run on. */
export const looksLikeData = (files: readonly File[]): boolean =>
  files.some(({ name }) => isZip(name) || /\.(npy|npz|bin|idx)(\.gz)?$|idx\d-ubyte(\.gz)?$/i.test(name));
