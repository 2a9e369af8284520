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
let current: Call | null = null;

function progressOf(call: Call, port: Port): ProgressCallback {
  const flag = call.cancelFlag && new Int32Array(call.cancelFlag);
  return (stage, done, total) => {
    port.post({ kind: 'progress', id: call.id, progress: { stage, done, total } });
    return flag === null || Atomics.load(flag, 0) === 0;
  };
}

const fieldsOf = ({ code, message, where, hint }: HalftoneError): ErrorFields => ({ code, message, where, hint });

/** An exception out of WebAssembly: its memory cannot be trusted any more. */
function fatalError(error: unknown): HalftoneError {
  if (messageOf(error).includes('out_of_memory')) {
    const hint = 'Close other models, or use a smaller one.';
    return fail('out_of_memory', 'The engine ran out of memory.', '', hint);
  }
  const hint = 'The engine starts again by itself; load the model again.';
  // How Emscripten leaves a call when one of its threads has crashed.
  const reason = error === 'unwind' ? 'one of its threads crashed' : messageOf(error);
  return fail('engine_lost', `The engine stopped: ${reason}`, '', hint);
}

// A message to ourselves, because timers wait four milliseconds.
const turn = new MessageChannel();
const nextTurn = () =>
  new Promise<void>((resume) => {
    turn.port1.onmessage = () => resume();
    turn.port2.postMessage(null);
  });

function throwIfCancelled(id: number): void {
  if (cancelledIds.has(id)) throw cancelled();
}

async function answer<M extends Method>(call: Call & { method: M }, port: Port): Promise<void> {
  const { id } = call;
  try {
    throwIfCancelled(id);
    const value = await api.call(call.method, call.args as Args<M>, progressOf(call, port));
    if (typeof value === 'object' && 'handle' in value) {
      // Nobody waits for the object of a call that was cancelled meanwhile: it goes before the next call begins.
      await nextTurn();
      if (cancelledIds.has(id)) api.release(value.handle);
      throwIfCancelled(id);
    }
    port.post({ kind: 'answer', id, value }, answerTransfer(value));
  } catch (error) {
    if (error instanceof HalftoneError) port.post({ kind: 'error', id, error: fieldsOf(error) });
    else port.post({ kind: 'fatal', id, error: fieldsOf(fatalError(error)) });
  }
}

async function work(port: Port): Promise<void> {
  if (working) return;
  working = true;
  while (queue.length > 0) {
    await nextTurn();
    current = queue.shift() as Call;
    await answer(current, port);
    cancelledIds.delete(current.id);
    current = null;
  }
  working = false;
}

const ready: Promise<Port> = openPort(async (request) => {
  if (request.kind === 'call') {
    queue.push(request);
    void work(await ready);
  } else if (request.id === current?.id || queue.some(({ id }) => id === request.id)) {
    cancelledIds.add(request.id);
  }
});
