// The page's one long task: progress, time left, cancel, and errors that end in the error card and keep the work.
import type { Progress } from '../engine/types';
import { t } from '../i18n';
import { announcement, error, task } from './app';
import { toAppError } from './error';

export interface TaskTools {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/** Runs `work` as the page's task. A newer task aborts the older. Answers whether it came to its end. */
export async function asTask(stage: string, work: (tools: TaskTools) => Promise<void>): Promise<boolean> {
  task.value?.controller.abort();
  const controller = new AbortController();
  const mine = () => task.value?.controller === controller;
  error.value = null;
  task.value = { stage, done: 0, total: 0, since: performance.now(), from: 0, controller };
  try {
    await work({ signal: controller.signal, onProgress: (progress) => mine() && advance(progress) });
    return !controller.signal.aborted;
  } catch (thrown) {
    if (!controller.signal.aborted) showError(thrown);
    return false;
  } finally {
    if (mine()) task.value = null;
  }
}

function advance({ stage, done, total }: Progress): void {
  const now = task.value;
  if (!now) return;
  const fresh = stage !== now.stage || done < now.done;
  task.value = { ...now, stage, done, total, ...(fresh && { since: performance.now(), from: done }) };
}

export function cancelTask(): void {
  task.value?.controller.abort();
  task.value = null;
}

export function showError(thrown: unknown): void {
  const shown = toAppError(thrown);
  error.value = shown.code === 'engine_lost' ? { ...shown, hint: t.app.restarted } : shown;
}

export function announce(text: string): void {
  announcement.value = text;
}

/** Milliseconds that are left of a stage, by its pace so far; null while that says nothing. */
export function timeLeft(
  { done, total, since, from }: { done: number; total: number; since: number; from: number },
  now: number,
): number | null {
  const gone = now - since;
  if (total <= 0 || done <= from || gone < 300) return null;
  return (gone / (done - from)) * (total - done);
}
