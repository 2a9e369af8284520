// The sensitivity scan: the layers that cost most when they alone are quantized.
import { formatDb } from '../format';
import { t } from '../i18n';
import { busy, selected } from '../state/app';
import { metric, selectByName, sensitivity } from '../state/layers';
import { restrictable, scan } from '../state/sensitivity';
import { view } from '../state/ui';

const SHOWN = 8;
const FULL_DB = 60;

function open(name: string): void {
  selected.value = selectByName(name);
  metric.value = 'sensitivity';
  view.value = 'model';
}

export function SensitivityCard() {
  if (!restrictable()) return null;
  const worst = [...sensitivity.value]
    .sort(([, a], [, b]) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY))
    .slice(0, SHOWN);
  return (
    <section class="card" aria-labelledby="sensitivity-title">
      <h2 id="sensitivity-title">{t.compare.sensitivity}</h2>
      <p class="note">{t.compare.sensitivityNote}</p>
      <button type="button" class="button plain" disabled={busy.value} onClick={() => void scan()}>
        {t.compare.sensitivityGo}
      </button>
      {worst.length > 0 && (
        <ol class="top-list" data-testid="sensitivity">
          {worst.map(([name, db]) => (
            <li key={name}>
              <button type="button" class="link label" onClick={() => open(name)}>
                {name}
              </button>
              <span class="share">{formatDb(db, t.compare.equal)}</span>
              <span class="bar" aria-hidden="true">
                <span style={{ width: `${Math.max(1, (1 - Math.min(FULL_DB, db ?? FULL_DB) / FULL_DB) * 100)}%` }} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
