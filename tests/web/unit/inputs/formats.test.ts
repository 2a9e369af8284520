// Data files: NumPy's arrays and archives as NumPy wrote them, IDX, CIFAR, gzip; and what is broken is refused by name.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../web/src/engine/types';
import { isCifar, parseCifar } from '../../../../web/src/inputs/cifar';
import { inflate, ungzip } from '../../../../web/src/inputs/gzip';
import { isIdx, parseIdx } from '../../../../web/src/inputs/idx';
import { isNpy, parseNpy, writeNpy } from '../../../../web/src/inputs/npy';
import { parseNpz, writeNpz } from '../../../../web/src/inputs/npz';

const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

/** numpy 1.24: np.save of asfortranarray(arange(6, dtype='>i2').reshape(2, 3)); of strings; of a number; of records. */
const columns = base64(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAADAAEABAACAAU=',
);
const words = base64(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAAAAAAPwAAACsIAAAAAAAAAAAAAA=',
);
const number = base64(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAEQA==',
);
const records = base64(
  'k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxpNCcpLCAoJ2InLCAnPGY0JyldLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAQA==',
);
/** np.savez_compressed(x=arange(4, dtype='f4').reshape(2, 2), y=[1, 0]) */
const archive = base64(
  'UEsDBBQAAAAIAAAAIQCR9OfbUAAAAJAAAAAFABQAeC5ucHkBABAAkAAAAAAAAABQAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgYwaLAHEg5A5AAAUEsDBBQAAAAIAAAAIQBx+zmrSAAAAJAAAAAFABQAeS5ucHkBABAAkAAAAAAAAABIAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GBlQAAFBLAQIUAxQAAAAIAAAAIQCR9OfbUAAAAJAAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQIUAxQAAAAIAAAAIQBx+zmrSAAAAJAAAAAFAAAAAAAAAAAAAACAAYcAAAB5Lm5weVBLBQYAAAAAAgACAGYAAAAGAQAAAAA=',
);

const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return String((error as Error).message);
  }
  return 'nothing was refused';
};

describe('npy', () => {
  it('reads what NumPy wrote: columns first and big-endian, strings, a number', () => {
    expect(parseNpy(columns)).toEqual({ type: 'int16', dims: [2, 3], data: Int16Array.of(0, 1, 2, 3, 4, 5) });
    expect(parseNpy(words)).toEqual({ type: 'string', dims: [3], data: ['a', 'ü€', ''] });
    expect(parseNpy(number)).toEqual({ type: 'float64', dims: [], data: Float64Array.of(2.5) });
  });

  it.each<Tensor>([
    { type: 'float32', dims: [2, 2], data: Float32Array.of(1, -2, Number.NaN, 4) },
    { type: 'int64', dims: [1], data: BigInt64Array.of(-(2n ** 60n)) },
    { type: 'bool', dims: [], data: Uint8Array.of(1) },
    { type: 'uint8', dims: [0, 3], data: new Uint8Array(0) },
    { type: 'complex128', dims: [1], data: Float64Array.of(1, -1) },
  ])('writes $type and reads it again', (tensor) => {
    const file = writeNpy(tensor);
    expect(parseNpy(file)).toEqual(tensor);
    expect((file.length - tensor.data.length * (tensor.data as Uint8Array).BYTES_PER_ELEMENT) % 64).toBe(0);
  });

  it('refuses records, cut off files and other files', async () => {
    expect(isNpy(archive)).toBe(false);
    expect(await refusal(() => parseNpy(records))).toContain('no plain numbers');
    expect(await refusal(() => parseNpy(columns.subarray(0, columns.length - 1)))).toContain('12 bytes should follow');
    expect(await refusal(() => parseNpy(columns.subarray(0, 60)))).toContain('header is cut off');
    expect(await refusal(() => parseNpy(archive))).toContain('begins otherwise');
  });
});

describe('npz', () => {
  it('reads what NumPy wrote', async () => {
    expect(await parseNpz(archive)).toEqual({
      x: { type: 'float32', dims: [2, 2], data: Float32Array.of(0, 1, 2, 3) },
      y: { type: 'int64', dims: [2], data: BigInt64Array.of(1n, 0n) },
    });
  });

  it('writes the same bytes for the same arrays', async () => {
    const arrays = await parseNpz(archive);
    expect(await parseNpz(writeNpz(arrays))).toEqual(arrays);
    expect(writeNpz(arrays)).toEqual(writeNpz(arrays));
  });

  it('refuses what is cut off or holds no arrays', async () => {
    expect(await refusal(() => parseNpz(archive.subarray(0, 200)))).toContain('cut off or damaged');
    expect(await refusal(() => parseNpz(writeNpz({})))).toContain('holds no arrays');
  });
});

describe('idx', () => {
  const file = Uint8Array.of(0, 0, 11, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0, 3);
  const tensor = { type: 'int16', dims: [1, 2], data: Int16Array.of(-2, 3) };

  it('reads big-endian numbers', () => {
    expect(isIdx(file)).toBe(true);
    expect(parseIdx(file)).toEqual(tensor);
  });

  it('refuses what is cut off', async () => {
    expect(await refusal(() => parseIdx(file.subarray(0, 14), 'digits'))).toContain('needs 4 bytes, but 2 follow');
    expect(await refusal(() => parseIdx(file.subarray(0, 6)))).toContain('not an IDX file');
  });
});

describe('cifar', () => {
  it('tells ten classes from a hundred by the length of a record', () => {
    for (const [width, label] of [
      [1, 7],
      [2, 99],
    ] as const) {
      const file = new Uint8Array(2 * (3072 + width));
      file[3072 + 2 * width - 1] = label;
      file[file.length - 1] = 5;
      expect(isCifar(file)).toBe(true);
      const { pictures, labels } = parseCifar(file);
      expect(labels).toEqual([0, label]);
      expect(pictures.dims).toEqual([2, 3, 32, 32]);
      expect(pictures.data.at(-1)).toBe(5);
    }
  });

  it('refuses other lengths, and doubts labels out of range', async () => {
    expect(await refusal(() => parseCifar(new Uint8Array(3000)))).toContain('no CIFAR records');
    expect(isCifar(new Uint8Array(3073).fill(200))).toBe(false);
  });
});

describe('packed files', () => {
  const file = new Uint8Array(gzipSync(new Uint8Array(1000).fill(7)));

  it('are unpacked', async () => {
    expect(await ungzip(file, 'x')).toEqual(new Uint8Array(1000).fill(7));
    expect(await ungzip(columns, 'x')).toBe(columns);
  });

  it('that unpack to more than they may, or are damaged, are refused', async () => {
    expect(await refusal(() => inflate(file, 'gzip', 'x', 999))).toContain('more than 999 bytes');
    expect(await refusal(() => ungzip(file.subarray(0, 15), 'x'))).toContain('cut off or damaged');
    const zip = archive.slice();
    // Sizes in the list at the end: the first file claims to be smaller than it is.
    zip.set([100, 0, 0, 0], Buffer.from(zip.buffer).indexOf('PK\x01\x02') + 24);
    expect(await refusal(() => parseNpz(zip))).toContain('more than 100 bytes');
  });
});
