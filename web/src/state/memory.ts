// How much memory each network takes while it runs, measured once the results are shown, so that nobody waits for it.
import { signal } from '@preact/signals';
import type { Feeds, HalftoneModel } from '../engine/types';
import { opened, results } from './app';

/** By model; null: it could not be measured. */
export const memoryOf = signal<ReadonlyMap<HalftoneModel, number | null>>(new Map());

/** Measuring holds a copy for a moment: of a file larger than this there is no room for one everywhere. */
const LARGEST_FILE = 256e6;

async function measure(model: HalftoneModel, feeds: Feeds): Promise<void> {
  if (memoryOf.value.has(model)) return;
  const bytes =
    model.summary.bytes > LARGEST_FILE
      ? null
      : await model.memory(feeds).then(
          (found) => found.bytes,
          () => null,
        );
  const shown = [opened.value?.model, results.value?.made];
  if (!shown.includes(model)) return;
  const known = [...memoryOf.value].filter(([other]) => shown.includes(other));
  memoryOf.value = new Map([...known, [model, bytes]]);
}

/** Of both networks that are shown. */
export async function measureMemory(feeds: Feeds): Promise<void> {
  for (const model of [opened.value?.model, results.value?.made]) if (model) await measure(model, feeds);
}

export function dropMemory(): void {
  memoryOf.value = new Map();
}
