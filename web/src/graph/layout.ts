// Where boxes and arrows go: asked of the layout worker. Starting anew or cancelling ends the worker, whatever it is at.
import type { Scene } from './scene';

export const BOX = { width: 148, height: 38 };

export interface Point {
  x: number;
  y: number;
}

export interface Placed {
  width: number;
  height: number;
  /** Centres, in the order of the scene's boxes. */
  boxes: Point[];
  /** Bends of each arrow, in the order of the scene's arrows. */
  arrows: Point[][];
}

export interface LayoutRequest {
  ids: string[];
  arrows: [string, string][];
  box: typeof BOX;
}

export function layOut({ boxes, arrows }: Scene, signal: AbortSignal): Promise<Placed> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./layout_worker.ts', import.meta.url), { type: 'module', name: 'layout' });
    const end = (settle: () => void) => {
      worker.terminate();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => end(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort);
    worker.onmessage = ({ data }: MessageEvent<Placed>) => end(() => resolve(data));
    worker.onerror = (event) => end(() => reject(new Error(event.message)));
    const request: LayoutRequest = { ids: boxes.map(({ id }) => id), arrows, box: BOX };
    worker.postMessage(request);
  });
}
