// Progress of the running task, with time left and cancel. Appears only after half a second: short work needs no bar.
import { useEffect, useState } from 'preact/hooks';
import { formatDuration, formatInteger } from '../format';
import { t } from '../i18n';
import { passText } from '../i18n/engine_text';
import { busy, findPass, type Task, task } from '../state/app';
import { cancelTask, timeLeft } from '../state/task';

const DELAY_MS = 500;

function useLate(on: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!on) return setLate(false);
    const timer = setTimeout(() => setLate(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, [on]);
  return on && late;
}

/** Counts are for people up to here; beyond, they are bytes. */
const COUNTABLE = 100_000;

function countText(now: Task): string {
  const left = timeLeft(now, performance.now());
  const count =
    now.total > 0 && now.total <= COUNTABLE ? t.app.stageOf(formatInteger(now.done), formatInteger(now.total)) : '';
  const time = left !== null && left > 1500 ? t.app.timeLeft(formatDuration(left)) : '';
  return [count, time].filter((part) => part !== '').join(', ');
}

/** A stage of its own name, or a pass at work. */
function stageText(stage: string): string {
  const pass = findPass(stage);
  return t.app.stages[stage] ?? (pass ? passText(pass).label : stage);
}

export function TaskBar() {
  const visible = useLate(busy.value);
  const now = task.value;
  const label = now ? stageText(now.stage) : '';
  return (
    <>
      <p class="hidden" role="status" aria-live="polite">
        {visible ? label : ''}
      </p>
      {visible && now && (
        <div class="task">
          <span>{label}</span>
          <progress aria-label={label} {...(now.total > 0 && { value: now.done, max: now.total })} />
          <span class="count">{countText(now)}</span>
          <button type="button" class="button plain" onClick={cancelTask}>
            {t.app.cancel}
          </button>
        </div>
      )}
    </>
  );
}
