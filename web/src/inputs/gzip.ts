// Gzip and zip containers, unpacked in memory by fflate. What a file claims to hold is checked before it is unpacked, so
// that a small file cannot ask for all memory.

import { type GunzipOptions, gunzipSync, unzipSync } from 'fflate';
import { fail, messageOf } from '../engine/error';

/** Most bytes that one container may unpack to. */
export const MOST_UNPACKED = 2 ** 31 - 1;

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** A gzip file's last four bytes: its unpacked size modulo 2^32. */
function claimedSize(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
}

/** The bytes themselves, unpacked where they are gzip. Errors: invalid_input. */
export function ungzip(bytes: Uint8Array, name: string): Uint8Array {
  if (!isGzip(bytes)) return bytes;
  if (bytes.length < 18) throw fail('invalid_input', 'This gzip file is cut off.', name, 'Copy it again.');
  const size = claimedSize(bytes);
  // Deflate packs a thousandth at best, so a larger claim is a lie.
  if (size > MOST_UNPACKED || size > bytes.length * 1040) throw tooLarge(name);
  try {
    const options: GunzipOptions = { out: new Uint8Array(size) };
    return gunzipSync(bytes, options);
  } catch (error) {
    throw fail('invalid_input', `This gzip file cannot be unpacked: ${messageOf(error)}.`, name, 'Copy it again.');
  }
}

const tooLarge = (name: string) =>
  fail('invalid_input', 'This file unpacks to more than 2 GB.', name, 'Split it into smaller files.');

/** Files of a zip archive whose names `wanted` accepts. Errors: invalid_input. */
export function unzip(
  bytes: Uint8Array,
  name: string,
  wanted: (entry: string) => boolean = () => true,
): Record<string, Uint8Array> {
  let total = 0;
  try {
    return unzipSync(bytes, {
      filter({ name: entry, originalSize }) {
        if (!wanted(entry)) return false;
        total += originalSize;
        if (total > MOST_UNPACKED) throw tooLarge(name);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'HalftoneError') throw error;
    throw fail('invalid_input', `This archive cannot be unpacked: ${messageOf(error)}.`, name, 'Copy it again.');
  }
}
