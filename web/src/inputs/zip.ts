// Zip archives: reading stored and deflated files, also the 64-bit fields that NumPy asks for; writing stored ones.
// The list at the end (central directory) is believed, the headers before each file only for their lengths.
// Source: PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", 4.3 and 4.5.3.

import { fail } from '../engine/error';
import { inflate, MOST_UNPACKED } from './gzip';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const WIDE = 0xffffffff;

interface Entry {
  name: string;
  method: number;
  packed: number;
  unpacked: number;
  start: number;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const broken = (name: string) => fail('invalid_input', 'This archive is cut off or damaged.', name, 'Copy it again.');

/** Offset of the record that ends the archive; a comment of up to 64 KB may follow it. -1: there is none. */
function endOf(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65557); --at) {
    if (view.getUint32(at, true) === END) return at;
  }
  return -1;
}

/** Values of 64 bits take the place, in order, of those that are all ones. */
function widened(view: DataView, extra: number, end: number, values: readonly number[]): number[] {
  for (let at = extra; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let from = at + 4;
    return values.map((value) => {
      if (value !== WIDE) return value;
      from += 8;
      return Number(view.getBigUint64(from - 8, true));
    });
  }
  return [...values];
}

function entryAt(bytes: Uint8Array, at: number): { entry: Entry; next: number } {
  const view = viewOf(bytes);
  if (view.getUint32(at, true) !== ENTRY) throw new RangeError('no entry');
  const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
  const extra = at + 46 + nameLength;
  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const [unpacked = 0, packed = 0, local = 0] = widened(view, extra, extra + extraLength, sizes);
  if (view.getUint32(local, true) !== LOCAL) throw new RangeError('no file');
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > bytes.length) throw new RangeError('cut off');
  const name = new TextDecoder().decode(bytes.subarray(at + 46, extra));
  const next = extra + extraLength + view.getUint16(at + 32, true);
  return { entry: { name, method: view.getUint16(at + 10, true), packed, unpacked, start }, next };
}

function entriesOf(bytes: Uint8Array, name: string): Entry[] {
  const view = viewOf(bytes);
  const end = endOf(view);
  if (end < 0) throw broken(name);
  const entries: Entry[] = [];
  try {
    let at = view.getUint32(end + 16, true);
    for (let left = view.getUint16(end + 10, true); left > 0; --left) {
      const { entry, next } = entryAt(bytes, at);
      entries.push(entry);
      at = next;
    }
  } catch {
    // Reading beyond the end.
    throw broken(name);
  }
  return entries;
}

async function contentOf(bytes: Uint8Array, entry: Entry, name: string): Promise<Uint8Array> {
  const packed = bytes.subarray(entry.start, entry.start + entry.packed);
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) {
    throw fail('invalid_input', `Compression ${entry.method} is not known here.`, name, 'Save it with numpy.savez().');
  }
  const content = await inflate(packed, 'deflate-raw', name, Math.min(entry.unpacked, MOST_UNPACKED));
  if (content.length !== entry.unpacked) throw broken(name);
  return content;
}

/** Files whose names `wanted` accepts. Errors: invalid_input; where = archive, then file. */
export async function unzip(
  bytes: Uint8Array,
  archive: string,
  wanted: (name: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const entry of entriesOf(bytes, archive)) {
    if (wanted(entry.name)) files.set(entry.name, await contentOf(bytes, entry, `${archive}: ${entry.name}`));
  }
  return files;
}

/** Of the polynomial 0xedb88320, as zip and PNG have it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** What the header before a file and its entry in the list have in common: version 2, UTF-8 names, 1 January 1980. */
function common(name: Uint8Array, content: Uint8Array): Uint8Array {
  const out = new Uint8Array(26);
  const view = viewOf(out);
  view.setUint16(0, 20, true);
  view.setUint16(2, 0x800, true);
  view.setUint16(8, 0x21, true);
  view.setUint32(10, crc32(content), true);
  view.setUint32(14, content.length, true);
  view.setUint32(18, content.length, true);
  view.setUint16(22, name.length, true);
  return out;
}

const numbers = (...values: [bits: 16 | 32, value: number][]): Uint8Array =>
  Uint8Array.from(
    values.flatMap(([bits, value]) => Array.from({ length: bits / 8 }, (_, i) => (value >>> (8 * i)) & 255)),
  );

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Stored, not packed; the same bytes for the same files. */
export function zip(files: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const list: Uint8Array[] = [];
  let offset = 0;
  for (const [text, content] of files) {
    const name = new TextEncoder().encode(text);
    const header = common(name, content);
    const file = joined([numbers([32, LOCAL]), header, name, content]);
    list.push(numbers([32, ENTRY], [16, 20]), header, numbers([16, 0], [16, 0], [16, 0], [32, 0], [32, offset]), name);
    parts.push(file);
    offset += file.length;
  }
  const directory = joined(list);
  const count = files.length;
  const end = numbers([32, END], [32, 0], [16, count], [16, count], [32, directory.length], [32, offset], [16, 0]);
  return joined([...parts, directory, end]);
}
