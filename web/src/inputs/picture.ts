// A picture before it becomes numbers: a file that the browser decodes, or pixels that are there already (a drawing, an
// item of a data set).
import type { Pixels } from './resize';

export type Picture = Blob | Pixels;

export const isBlob = (picture: Picture): picture is Blob => picture instanceof Blob;

/** A picture for <img>; revoke it when it is gone. */
export async function pictureUrl(picture: Picture): Promise<string> {
  if (isBlob(picture)) return URL.createObjectURL(picture);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext('2d')?.putImageData(imageData(picture), 0, 0);
  return URL.createObjectURL(await canvas.convertToBlob());
}

export const imageData = ({ rgba, width, height }: Pixels): ImageData =>
  new ImageData(rgba as Uint8ClampedArray<ArrayBuffer>, width, height);
