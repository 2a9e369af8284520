// Worker side of pictures: decodes, draws into the model's frame and makes the tensor, so that a
// twelve-megapixel photograph never costs the page a frame.

import { imageData, isBlob, type Picture } from './picture';
import { type ImageSpec, placement, toTensor } from './preprocess';

export interface ImageRequest {
  id: number;
  picture: Picture;
  spec: ImageSpec;
}

async function pixels(picture: Picture, spec: ImageSpec): Promise<Uint8ClampedArray> {
  const ready = !isBlob(picture) && picture.width === spec.width && picture.height === spec.height;
  if (ready) return picture.rgba;
  const bitmap = await createImageBitmap(isBlob(picture) ? picture : imageData(picture));
  const canvas = new OffscreenCanvas(spec.width, spec.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2d canvas');
  context.imageSmoothingQuality = 'high';
  // Transparent pictures are seen on white, as on paper.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, spec.width, spec.height);
  const at = placement(spec, bitmap.width, bitmap.height);
  context.drawImage(bitmap, at.x, at.y, at.width, at.height);
  bitmap.close();
  return context.getImageData(0, 0, spec.width, spec.height).data;
}

self.onmessage = async (event: MessageEvent<ImageRequest>) => {
  const { id, picture, spec } = event.data;
  try {
    const tensor = toTensor(await pixels(picture, spec), spec);
    const buffer = (tensor.data as Float32Array).buffer as ArrayBuffer;
    postMessage({ id, tensor }, { transfer: [buffer] });
  } catch (error) {
    postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};
