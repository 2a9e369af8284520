// How many threads, and starting them: they are workers that the module with threads makes of its own file while it
// loads, before a call could keep this worker from it.

import { isNode } from '../platform';

const MOST = 16;

async function cores(): Promise<number> {
  if ('navigator' in globalThis && navigator.hardwareConcurrency) return navigator.hardwareConcurrency;
  if (!isNode()) return 1;
  const specifier = 'node:os';
  const { availableParallelism } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier)) as {
    availableParallelism(): number;
  };
  return availableParallelism();
}

/** Up to 4 cores all of them, then half, up to 8: the rest are mostly second threads of a core, or slow ones. */
export const threadsThatPay = (cores: number): number => Math.min(cores, Math.max(4, Math.min(8, cores >> 1)));

/** `limit`: an upper bound, or null. 1 where memory cannot be shared: in a page that is not cross-origin isolated. */
export async function chooseThreads(limit: number | null): Promise<number> {
  const shares = typeof SharedArrayBuffer !== 'undefined' && (isNode() || globalThis.crossOriginIsolated === true);
  const available = shares ? await cores() : 1;
  return available === 1 ? 1 : Math.min(limit ?? threadsThatPay(available), MOST);
}

/**
 * Waits for `load()`, or rejects when a worker that it makes cannot start (a policy, a missing header): such a worker
 * says so once and early, when Emscripten does not listen yet and would wait for ever. Node's workers throw by themselves.
 */
export async function watchWorkers<T>(load: () => Promise<T>): Promise<T> {
  const scope = globalThis as { Worker?: typeof Worker };
  const { Worker: Original } = scope;
  if (!Original) return load();
  try {
    return await new Promise((resolve, reject) => {
      scope.Worker = class extends Original {
        constructor(...args: ConstructorParameters<typeof Worker>) {
          super(...args);
          this.addEventListener('error', () => reject(new Error('a thread could not be started')), { once: true });
        }
      };
      load().then(resolve, reject);
    });
  } finally {
    scope.Worker = Original;
  }
}
