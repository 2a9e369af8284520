// Warm, interleaved timing: every contestant is run until it is warm, then in every round each has its turn of several
// runs, beginning with another one each time, and the machine's limits have theirs. What disturbs the machine for a
// while disturbs all of them.

import type { Contestant, Time } from './contestants';
import type { Limit } from './limits';

export interface Pace {
  rounds: number;
  /** Milliseconds until a contestant counts as warm, and of its turn in a round. */
  warm: number;
  turn: number;
  /** Rounds end early after so many milliseconds, but not before MIN_ROUNDS. */
  most: number;
}

/** By contestant or limit, one list for each round. */
export interface Measured {
  times: Time[][][];
  limits: Record<string, number[]>;
}

const MIN_WARM_RUNS = 3;
const MIN_ROUNDS = 3;
const MAX_RUNS = 50;
const LIMIT_MS = 20;
const PAUSE_MS = 10;

/** The sum over threads that measure at the same time. */
export class LimitThreads {
  readonly #workers: Worker[];

  constructor(threads: number) {
    this.#workers = Array.from(
      { length: threads },
      () => new Worker(new URL('./limits_worker.ts', import.meta.url), { type: 'module' }),
    );
  }

  async measure(limit: Limit, ms: number): Promise<number> {
    const shares = this.#workers.map(
      (worker) =>
        new Promise<number>((resolve, reject) => {
          worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
          worker.onerror = (event) => reject(new Error(event.message));
          worker.postMessage({ limit, ms });
        }),
    );
    return (await Promise.all(shares)).reduce((a, b) => a + b, 0);
  }

  dispose(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

/** Answers the milliseconds of a warm run. */
async function warmUp(contestant: Contestant, ms: number): Promise<number> {
  const start = performance.now();
  let last = 0;
  for (let runs = 0; runs < MIN_WARM_RUNS || performance.now() - start < ms; ++runs)
    last = (await contestant.run()).call;
  return last;
}

async function turnOf(contestant: Contestant, runs: number): Promise<Time[]> {
  const times: Time[] = [];
  // Threads of the engine before may spin for a while yet, and the first run finds cold caches.
  await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  if (runs > 1) await contestant.run();
  for (let i = 0; i < runs; ++i) times.push(await contestant.run());
  return times;
}

export async function measure(
  contestants: Contestant[],
  limits: Limit[],
  threads: LimitThreads,
  { rounds, warm, turn, most }: Pace,
): Promise<Measured> {
  const runs: number[] = [];
  for (const contestant of contestants) {
    const ms = await warmUp(contestant, warm);
    runs.push(Math.max(1, Math.min(MAX_RUNS, Math.round(turn / Math.max(ms, 0.001)))));
  }
  for (const limit of limits) await threads.measure(limit, 5 * LIMIT_MS);
  const measured: Measured = {
    times: contestants.map(() => []),
    limits: Object.fromEntries(limits.map((limit) => [limit, []])),
  };
  const start = performance.now();
  for (let round = 0; round < rounds; ++round) {
    if (round >= MIN_ROUNDS && performance.now() - start > most) break;
    for (const limit of limits) measured.limits[limit]?.push(await threads.measure(limit, LIMIT_MS));
    for (let i = 0; i < contestants.length; ++i) {
      const which = (round + i) % contestants.length;
      const times = await turnOf(contestants[which] as Contestant, runs[which] as number);
      measured.times[which]?.push(times);
    }
  }
  return measured;
}
