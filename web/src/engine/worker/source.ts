// Model bytes for C++, in pieces: a Blob is read slice by slice, so that the file never lies in memory as a
// whole. Where there is no synchronous reader (Node) the Blob is read first.

import type { Source } from '../protocol';

export interface ByteSource {
  size: number;
  /** null: it could not be read. Throwing would leave C++ half way. */
  read(offset: number, length: number): Uint8Array | null;
}

function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** FileReaderSync exists in workers only. */
interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

export async function openSource(source: Source): Promise<ByteSource> {
  if (source instanceof Uint8Array) return bytesSource(source);
  const { FileReaderSync } = globalThis as { FileReaderSync?: new () => SyncReader };
  if (!FileReaderSync) return bytesSource(new Uint8Array(await source.arrayBuffer()));
  const reader = new FileReaderSync();
  return {
    size: source.size,
    read(offset, length) {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(source.slice(offset, offset + length)));
      } catch {
        return null;
      }
    },
  };
}
