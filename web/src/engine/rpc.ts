// Calls into the worker: ids, answers, progress, cancelling, and a worker that dies.
// A dead worker is an ordinary error: every pending call rejects, and the next call starts a new worker.
// Each start is a generation; handles of an older one mean nothing any more.

import { cancelled, type ErrorFields, fail, HalftoneError, messageOf } from './error';
import type { Answer, Args, EngineOptions, Method, Reply } from './protocol';
import { openTransport, type Transport } from './transport';
import type { CallOptions, Capabilities } from './types';

export interface CallExtras<M extends Method> extends CallOptions {
  transfer?: ArrayBuffer[];
  /** Given an answer that comes after the caller has gone (cancelled). */
  discard?: (answer: Answer<M>) => void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: HalftoneError): void;
  onProgress: CallOptions['onProgress'];
  abandoned: boolean;
  discard: ((value: never) => void) | undefined;
  cleanup(): void;
}

const HANDLES_PER_WORKER = 2 ** 32;
const lostHint = 'The engine has started again; load the model again.';

export class Rpc {
  #options: EngineOptions;
  readonly #pending = new Map<number, Pending>();
  #transport: Transport | null = null;
  #ready: Promise<Capabilities> | null = null;
  #nextId = 1;
  #generation = 0;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Number of the current worker. */
  get generation(): number {
    return this.#generation;
  }

  get alive(): boolean {
    return this.#transport !== null;
  }

  /** Starts a worker where there is none. */
  start(): Promise<Capabilities> {
    if (this.#closed) return Promise.reject(fail('invalid_argument', 'The engine has been disposed.'));
    this.#ready ??= this.#openWithThreads();
    return this.#ready;
  }

  /** Where the module with threads does not start (its files, a policy, the memory), the plain one may. */
  async #openWithThreads(): Promise<Capabilities> {
    try {
      return await this.#open();
    } catch (error) {
      if (this.#options.threads === 1 || this.#closed) throw error;
      if (error instanceof HalftoneError && error.code === 'invalid_argument') throw error;
      this.#options = { ...this.#options, threads: 1 };
      const ready = this.#open();
      this.#ready = ready;
      return ready;
    }
  }

  async #open(): Promise<Capabilities> {
    const generation = ++this.#generation;
    const mine = (then: () => void) => {
      if (generation === this.#generation && !this.#closed) then();
    };
    try {
      const transport = await openTransport({
        onReply: (reply) => mine(() => this.#onReply(reply)),
        onDeath: (reason) =>
          mine(() =>
            this.#die({ code: 'engine_lost', message: `The engine stopped: ${reason}.`, where: '', hint: lostHint }),
          ),
      });
      if (this.#closed) {
        transport.terminate();
        throw new Error('it has been disposed');
      }
      this.#transport = transport;
    } catch (error) {
      this.#ready = null;
      throw fail(
        'engine_lost',
        `The engine could not start: ${messageOf(error)}.`,
        '',
        'Are the files of the library complete?',
      );
    }
    try {
      return await this.#send('init', [this.#options, generation * HANDLES_PER_WORKER], {});
    } catch (error) {
      this.#stop();
      throw error;
    }
  }

  async call<M extends Method>(method: M, args: Args<M>, extras: CallExtras<M> = {}): Promise<Answer<M>> {
    if (extras.signal?.aborted) throw cancelled();
    await this.start();
    return this.#send(method, args, extras);
  }

  /** Sends without waiting for an answer and without starting a worker. */
  notify(generation: number, handle: number): void {
    if (this.#transport && generation === this.#generation) void this.#send('release', [handle], {}).catch(() => {});
  }

  #send<M extends Method>(method: M, args: Args<M>, extras: CallExtras<M>): Promise<Answer<M>> {
    return new Promise((resolve, reject) => {
      const { signal } = extras;
      const transport = this.#transport;
      if (signal?.aborted) return reject(cancelled());
      if (!transport) return reject(fail('engine_lost', 'The engine stopped.', '', lostHint));
      const id = this.#nextId++;
      const shared = signal && typeof SharedArrayBuffer !== 'undefined' ? new SharedArrayBuffer(4) : null;
      const onAbort = () => {
        pending.abandoned = true;
        if (shared) Atomics.store(new Int32Array(shared), 0, 1);
        transport.post({ kind: 'cancel', id }, []);
        reject(cancelled());
      };
      const pending: Pending = {
        resolve: resolve as (value: unknown) => void,
        reject,
        onProgress: extras.onProgress,
        abandoned: false,
        discard: extras.discard,
        cleanup: () => signal?.removeEventListener('abort', onAbort),
      };
      try {
        transport.post({ kind: 'call', id, method, args, cancelFlag: shared }, extras.transfer ?? []);
      } catch (error) {
        return reject(fail('invalid_argument', `The arguments cannot be sent to the engine: ${messageOf(error)}`));
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, pending);
      transport.hold(true);
    });
  }

  #onReply(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    if (reply.kind === 'progress') {
      if (pending && !pending.abandoned) pending.onProgress?.(reply.progress);
      return;
    }
    if (pending) this.#settle(reply.id, pending);
    if (reply.kind === 'fatal') {
      pending?.reject(new HalftoneError(reply.error));
      this.#die({ ...reply.error, code: 'engine_lost', hint: lostHint });
    } else if (reply.kind === 'error') {
      pending?.reject(new HalftoneError(reply.error));
    } else if (pending?.abandoned) {
      pending.discard?.(reply.value as never);
    } else {
      pending?.resolve(reply.value);
    }
  }

  #settle(id: number, pending: Pending): void {
    this.#pending.delete(id);
    pending.cleanup();
    if (this.#pending.size === 0) this.#transport?.hold(false);
  }

  #die(error: ErrorFields): void {
    this.#stop();
    for (const [id, pending] of [...this.#pending]) {
      this.#settle(id, pending);
      pending.reject(new HalftoneError(error));
    }
  }

  #stop(): void {
    this.#transport?.terminate();
    this.#transport = null;
    this.#ready = null;
  }

  close(): void {
    this.#closed = true;
    this.#die({
      code: 'engine_lost',
      message: 'The engine has been disposed.',
      where: '',
      hint: 'Create another one.',
    });
  }
}
