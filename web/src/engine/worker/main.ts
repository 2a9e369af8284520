// The worker's message loop. Calls wait in a queue and run one at a time, with a turn of the event loop between
// them, so that a cancel message overtakes calls that have not begun. A call that has begun sees the shared flag
// where there is shared memory. An exception out of WebAssembly means that its memory cannot be trusted: fatal.

import { cancelled, type ErrorFields, fail, HalftoneError, messageOf } from '../error';
import type { Args, Method, Reply, Request } from '../protocol';
import { answerTransfer, createApi } from './api';
import type { ProgressCallback } from './module';

type Call = Extract<Request, { kind: 'call' }>;

interface Port {
  post(reply: Reply, transfer?: ArrayBuffer[]): void;
}

interface NodePort {
  on(event: 'message', listener: (request: Request) => void): void;
  postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
}

/** The page's side: a worker's global scope, or Node's parentPort. */
async function openPort(onRequest: (request: Request) => void): Promise<Port> {
  if (!('WorkerGlobalScope' in globalThis)) {
    const specifier = 'node:worker_threads';
    const { parentPort } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier)) as {
      parentPort: NodePort;
    };
    parentPort.on('message', onRequest);
    return { post: (reply, transfer = []) => parentPort.postMessage(reply, transfer) };
  }
  const scope = globalThis as unknown as {
    onmessage: ((event: MessageEvent<Request>) => void) | null;
    postMessage(reply: Reply, transfer: ArrayBuffer[]): void;
  };
  scope.onmessage = (event) => onRequest(event.data);
  return { post: (reply, transfer = []) => scope.postMessage(reply, transfer) };
}

const api = createApi();
const queue: Call[] = [];
const cancelledIds = new Set<number>();
let working = false;

function progressOf(call: Call, port: Port): ProgressCallback {
  const flag = call.cancelFlag && new Int32Array(call.cancelFlag);
  return (stage, done, total) => {
    port.post({ kind: 'progress', id: call.id, progress: { stage, done, total } });
    return flag === null || Atomics.load(flag, 0) === 0;
  };
}

function fatalError(error: unknown): ErrorFields {
  if (messageOf(error).includes('out_of_memory')) {
    const { code, message, where, hint } = fail(
      'out_of_memory',
      'The engine ran out of memory.',
      '',
      'Close other models, or use a smaller one.',
    );
    return { code, message, where, hint };
  }
  return {
    code: 'engine_lost',
    message: `The engine stopped: ${messageOf(error)}`,
    where: '',
    hint: 'The engine starts again by itself; load the model again.',
  };
}

async function answer<M extends Method>(call: Call & { method: M }, port: Port): Promise<void> {
  const { id } = call;
  try {
    if (cancelledIds.has(id)) throw cancelled();
    const value = await api.call(call.method, call.args as Args<M>, progressOf(call, port));
    port.post({ kind: 'answer', id, value }, answerTransfer(value));
  } catch (error) {
    if (error instanceof HalftoneError) {
      const { code, message, where, hint } = error;
      port.post({ kind: 'error', id, error: { code, message, where, hint } });
    } else {
      port.post({ kind: 'fatal', id, error: fatalError(error) });
    }
  }
}

// A message to ourselves, because timers wait four milliseconds.
const turn = new MessageChannel();
const nextTurn = () =>
  new Promise<void>((resume) => {
    turn.port1.onmessage = () => resume();
    turn.port2.postMessage(null);
  });

async function work(port: Port): Promise<void> {
  if (working) return;
  working = true;
  for (let call = queue.shift(); call; call = queue.shift()) {
    await nextTurn();
    await answer(call, port);
    cancelledIds.delete(call.id);
  }
  working = false;
}

const ready: Promise<Port> = openPort(async (request) => {
  if (request.kind === 'cancel') {
    if (working) cancelledIds.add(request.id);
    return;
  }
  queue.push(request);
  void work(await ready);
});
