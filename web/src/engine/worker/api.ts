// The worker's side of every row of Methods: handles, the calls into C++, and JSON back into objects.

import { fail, HalftoneError } from '../error';
import type { Answer, Args, Handle, Method } from '../protocol';
import type { Capabilities, Comparison, ModelGraph, ModelSummary, NodeTime, Report, RiskReport } from '../types';
import {
  type CoreEvaluator,
  type CoreModule,
  type CoreRecipeRun,
  type CoreSession,
  chooseVariant,
  loadModule,
  type Outcome,
  type ProgressCallback,
} from './module';
import { openSource } from './source';
import { chooseThreads } from './threads';

type Implementation = { [M in Method]: (...args: Args<M>) => Answer<M> | Promise<Answer<M>> };

export interface Api {
  call<M extends Method>(method: M, args: Args<M>, progress: ProgressCallback): Promise<Answer<M>>;
  release(handle: Handle): void;
}

/** C++ objects by number. */
class Handles<T extends { delete(): void }> {
  readonly #objects = new Map<Handle, T>();
  /** Lower numbers are of a worker that died. */
  first: Handle = 0;

  add(handle: Handle, object: T): Handle {
    this.#objects.set(handle, object);
    return handle;
  }

  get(handle: Handle, what: string): T {
    const object = this.#objects.get(handle);
    if (object) return object;
    if (handle >= this.first) throw fail('invalid_argument', `This ${what} has been disposed.`);
    throw fail('engine_lost', `The engine stopped and this ${what} was lost with it.`, '', 'Load the model again.');
  }

  release(handle: Handle): void {
    this.#objects.get(handle)?.delete();
    this.#objects.delete(handle);
  }
}

function unwrap<T>(outcome: Outcome<T>): T {
  if ('error' in outcome) throw new HalftoneError(outcome.error);
  return outcome.value;
}

export function createApi(): Api {
  let core: CoreModule | null = null;
  let lastHandle = 0;
  // Of the call being served: a recipe run lives through many calls and reports to whichever is under way.
  let report: ProgressCallback = () => true;
  const progress: ProgressCallback = (...event) => report(...event);
  const sessions = new Handles<CoreSession>();
  const runs = new Handles<CoreRecipeRun>();
  const evaluators = new Handles<CoreEvaluator>();

  const module = (): CoreModule => {
    if (!core) throw fail('engine_lost', 'The engine has not started.');
    return core;
  };
  const addSession = (session: CoreSession) => ({
    handle: sessions.add(++lastHandle, session),
    summary: JSON.parse(session.summary()) as ModelSummary,
  });
  const session = (handle: Handle) => sessions.get(handle, 'model');

  const release = (handle: Handle): void => {
    for (const kind of [sessions, runs, evaluators]) kind.release(handle);
  };

  const methods: Implementation = {
    async init({ wasmBase, variant, threads }, firstHandle) {
      lastHandle = firstHandle;
      for (const kind of [sessions, runs, evaluators]) kind.first = firstHandle;
      core = await loadModule(wasmBase, chooseVariant(variant), await chooseThreads(threads));
      return JSON.parse(core.capabilities()) as Capabilities;
    },

    async load(source, externalData) {
      const files = new Map<string, Awaited<ReturnType<typeof openSource>>>();
      for (const [location, file] of externalData) files.set(location, await openSource(file));
      return addSession(unwrap(module().load(await openSource(source), files, progress)));
    },

    graph: (model) => JSON.parse(session(model).graph()) as ModelGraph,

    run(model, feeds, taps, profile) {
      const result = unwrap(session(model).run(feeds, taps, profile));
      return { ...result, profile: JSON.parse(result.profile) as NodeTime[] };
    },

    exportOnnx: (model, format) => unwrap(session(model).exportOnnx(format)),

    risks: (model) => JSON.parse(unwrap(session(model).risks())) as RiskReport,

    async memoryOf(model, feeds) {
      const core = module();
      const file = await openSource(unwrap(session(model).exportOnnx('qdq')));
      const before = core.memory().usedBytes;
      const copy = unwrap(core.load(file, new Map(), () => true));
      try {
        // The first run notes what inference did not know; from the second one on every buffer has its place.
        for (let run = 0; run < 2; ++run) unwrap(copy.run(feeds, [], false));
        return { bytes: core.memory().usedBytes - before };
      } finally {
        copy.delete();
      }
    },

    compare: (reference, other, feeds) =>
      JSON.parse(unwrap(session(reference).compareWith(session(other), feeds, progress))) as Comparison,

    applyStart(model, recipe) {
      const run = unwrap(session(model).startRecipe(JSON.stringify(recipe), progress));
      return { handle: runs.add(++lastHandle, run), wantsData: run.wantsData() };
    },

    applyObserve: (run, feeds) => unwrap(runs.get(run, 'recipe run').observe(feeds)),

    applyEndSweep(handle) {
      const run = runs.get(handle, 'recipe run');
      unwrap(run.endSweep());
      return { wantsData: run.wantsData() };
    },

    applyFinish(handle) {
      try {
        const { model, report } = unwrap(runs.get(handle, 'recipe run').finish());
        return { ...addSession(model), report: JSON.parse(report) as Report };
      } finally {
        runs.release(handle);
      }
    },

    evaluateStart: () => ({ handle: evaluators.add(++lastHandle, new (module().Evaluator)()) }),

    evaluateAdd: (evaluator, model, feeds, labels) =>
      unwrap(evaluators.get(evaluator, 'evaluation').add(session(model), feeds, labels)),

    evaluateReport(handle) {
      const evaluator = evaluators.get(handle, 'evaluation');
      const confusion = evaluator.confusion();
      const metrics = JSON.parse(evaluator.report()) as {
        samples: number;
        accuracy: number;
        top5: number;
        macroF1: number;
      };
      return { ...metrics, classes: Math.sqrt(confusion.length), confusion };
    },

    release,

    memory: () => module().memory(),
  };

  return {
    async call(method, args, onProgress) {
      report = onProgress;
      return methods[method](...args);
    },
    release,
  };
}

/** Buffers of an answer that move to the page instead of being copied. */
export function answerTransfer(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (node: unknown) => {
    if (node instanceof Uint8Array || node instanceof Float64Array) found.add(node.buffer as ArrayBuffer);
    else if (Array.isArray(node)) for (const item of node) visit(item);
    else if (typeof node === 'object' && node !== null) for (const item of Object.values(node)) visit(item);
  };
  visit(value);
  return [...found];
}
