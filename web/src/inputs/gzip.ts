// Gzip and raw deflate, unpacked by the platform (browsers, Node), which does it beside the page's own thread. What comes
// out is bounded while it comes, so that a small file cannot ask for all memory.

import { fail } from '../engine/error';

/** Most bytes that one file may unpack to. */
export const MOST_UNPACKED = 2 ** 31 - 1;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Errors: invalid_input. `most` is what the file may unpack to. */
export async function inflate(
  bytes: Uint8Array,
  format: 'gzip' | 'deflate-raw',
  name: string,
  most = MOST_UNPACKED,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const packed = new Blob([bytes as BlobPart]).stream();
  try {
    for await (const part of packed.pipeThrough(new DecompressionStream(format))) {
      size += part.length;
      if (size > most) break;
      parts.push(part);
    }
  } catch {
    throw fail('invalid_input', 'This file is cut off or damaged: it cannot be unpacked.', name, 'Copy it again.');
  }
  if (size > most) throw fail('invalid_input', `This file unpacks to more than ${most} bytes.`, name, 'Split it.');
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The bytes themselves, unpacked where they are gzip. Errors: invalid_input. */
export async function ungzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  return isGzip(bytes) ? inflate(bytes, 'gzip', name) : bytes;
}
