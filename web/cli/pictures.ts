// Picture files in Node: PNG (pngjs) and JPEG (jpeg-js), told apart by their first bytes, drawn into the model's frame.

import { readFile } from 'node:fs/promises';
import { decode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { fail } from '../src/engine/error';
import type { Tensor } from '../src/engine/types';
import type { NamedFile } from '../src/inputs/folder';
import { pictureTensor } from '../src/inputs/item_feeds';
import type { ImageSpec } from '../src/inputs/preprocess';
import type { Pixels } from '../src/inputs/resize';

/** Of what a camera takes; a JPEG that claims more is not decoded. */
const MOST_MEGAPIXELS = 200;

function decoded(bytes: Uint8Array): Pixels | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) return null;
  const { width, height, data } = isPng
    ? PNG.sync.read(buffer)
    : decode(buffer, { useTArray: true, maxResolutionInMP: MOST_MEGAPIXELS, maxMemoryUsageInMB: 2048 });
  return { width, height, rgba: new Uint8ClampedArray(data.buffer, data.byteOffset, width * height * 4) };
}

/** Errors: invalid_input. */
export async function readPicture(file: NamedFile, spec: ImageSpec): Promise<Tensor> {
  const bytes = await file.bytes();
  let pixels: Pixels | null;
  try {
    pixels = decoded(bytes);
  } catch (error) {
    throw fail('invalid_input', `This picture cannot be decoded: ${(error as Error).message}.`, file.path);
  }
  if (pixels === null) {
    throw fail('invalid_input', 'This is neither a PNG nor a JPEG picture.', file.path, 'Convert it to PNG or JPEG.');
  }
  return pictureTensor(pixels, spec);
}

export const onDisk = (path: string, root: string): NamedFile => ({
  path,
  bytes: async () => new Uint8Array(await readFile(`${root}/${path}`)),
});
