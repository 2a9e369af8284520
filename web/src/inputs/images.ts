// Page side of pictures: pictures in, feeds out, through image_worker.ts.

import type { Feeds, Tensor } from '../engine/types';
import type { Picture } from './picture';
import type { ImageSpec } from './preprocess';

interface Waiting {
  resolve: (tensor: Tensor) => void;
  reject: (error: Error) => void;
}

let worker: Worker | null = null;
let nextId = 0;
const waiting = new Map<number, Waiting>();

function start(): Worker {
  const made = new Worker(new URL('./image_worker.ts', import.meta.url), { type: 'module' });
  made.onmessage = (event: MessageEvent<{ id: number; tensor?: Tensor; error?: string }>) => {
    const { id, tensor, error } = event.data;
    const call = waiting.get(id);
    waiting.delete(id);
    if (tensor) call?.resolve(tensor);
    else call?.reject(new Error(error));
  };
  return made;
}

/** Rejects when the file is not a picture that the browser can decode. */
export function imageTensor(picture: Picture, spec: ImageSpec): Promise<Tensor> {
  worker ??= start();
  const id = nextId++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker?.postMessage({ id, picture, spec });
  });
}

export async function imageFeeds(picture: Picture, spec: ImageSpec): Promise<Feeds> {
  return { [spec.input]: await imageTensor(picture, spec) };
}

export function isImageFile(file: File): boolean {
  return file.type.startsWith('image/') || /\.(jpe?g|png|webp|gif|bmp|avif)$/i.test(file.name);
}
