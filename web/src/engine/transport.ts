// Starts the worker, in a page, in another worker or in Node, behind one small interface.
// Node's module is imported only in Node, and in a way that bundlers leave alone.

import { isNode } from './platform';
import type { Reply, Request } from './protocol';

export interface Transport {
  post(message: Request, transfer: ArrayBuffer[]): void;
  terminate(): void;
  /** Node: whether the worker keeps the process alive. */
  hold(busy: boolean): void;
}

export interface TransportEvents {
  onReply(reply: Reply): void;
  /** The worker has died or could not start. */
  onDeath(reason: string): void;
}

/** The part of worker_threads.Worker that is used. */
interface NodeWorker {
  on(event: 'message', listener: (value: Reply) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  postMessage(message: Request, transfer: ArrayBuffer[]): void;
  terminate(): Promise<number>;
  ref(): void;
  unref(): void;
}

async function nodeTransport(events: TransportEvents): Promise<Transport> {
  const specifier = 'node:worker_threads';
  const { Worker } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier)) as {
    Worker: new (url: URL) => NodeWorker;
  };
  const file = 'halftone-worker.js';
  const worker = new Worker(new URL(/* @vite-ignore */ file, import.meta.url));
  worker.unref();
  worker.on('message', events.onReply);
  worker.on('error', (error) => events.onDeath(error.message));
  worker.on('exit', (code) => events.onDeath(`the worker ended with code ${code}`));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
  };
}

function webTransport(events: TransportEvents): Transport {
  const worker = new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module', name: 'halftone' });
  worker.onmessage = (event: MessageEvent<Reply>) => events.onReply(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    events.onDeath(event.message || 'the worker script could not be loaded');
  };
  worker.onmessageerror = () => events.onDeath('a message could not be read');
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
    hold: () => {},
  };
}

export async function openTransport(events: TransportEvents): Promise<Transport> {
  return isNode() ? nodeTransport(events) : webTransport(events);
}
