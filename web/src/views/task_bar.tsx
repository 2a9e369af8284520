// Progress of the running task, with cancel. Appears only after half a second: short work needs no bar.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { cancelTask } from '../state/actions';
import { busy, task } from '../state/app';

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

export function TaskBar() {
  const visible = useLate(busy.value);
  const now = task.value;
  if (!visible || !now) return <div class="task-slot" aria-live="polite" />;
  const label = t.stages[now.stage] ?? now.stage;
  const known = now.total > 0;
  return (
    <div class="task-slot" aria-live="polite">
      <div class="card task">
        <span>{label}</span>
        <progress aria-label={label} {...(known && { value: now.done, max: now.total })} />
        <span class="count">{known && now.total <= 100_000 ? t.stageOf(now.done, now.total) : ''}</span>
        <button type="button" class="button plain" onClick={cancelTask}>
          {t.cancel}
        </button>
      </div>
    </div>
  );
}
