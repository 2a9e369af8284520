// A picture before it becomes numbers: a file that the browser decodes, or pixels that are there already (a drawing, an
// example of a data set). Planar bytes of a data set become RGBA here. Pure.

export interface Pixels {
  width: number;
  height: number;
  rgba: Uint8ClampedArray;
}

export type Picture = Blob | Pixels;

export const isBlob = (picture: Picture): picture is Blob => picture instanceof Blob;

/** planes: channels x height x width bytes, one channel (grey) or three. */
export function fromPlanes(planes: Uint8Array, channels: number, width: number, height: number): Pixels {
  const size = width * height;
  const rgba = new Uint8ClampedArray(size * 4);
  for (let i = 0; i < size; ++i) {
    for (let c = 0; c < 3; ++c) rgba[i * 4 + c] = planes[(channels === 1 ? 0 : c) * size + i] ?? 0;
    rgba[i * 4 + 3] = 255;
  }
  return { width, height, rgba };
}

/** A picture for <img>; revoke it when it is gone. */
export async function pictureUrl(picture: Picture): Promise<string> {
  if (isBlob(picture)) return URL.createObjectURL(picture);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')?.putImageData(imageData(picture), 0, 0);
  return URL.createObjectURL(await canvas.convertToBlob());
}

export const imageData = ({ rgba, width, height }: Pixels): ImageData =>
  new ImageData(rgba as Uint8ClampedArray<ArrayBuffer>, width, height);
