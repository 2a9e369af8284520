// The sensitivity scan: the layers that cost most when they alone are quantized, and which of them to leave in float.
import { t } from '../i18n';
import { busy } from '../state/app';
import { scanned } from '../state/layers';
import { restrictable, scan } from '../state/sensitivity';
import { Suggestion, TrialSummary, TrialTable } from './trials';

export function SensitivityCard() {
  if (!restrictable()) return null;
  const found = scanned.value;
  return (
    <section class="card" aria-labelledby="sensitivity-title">
      <h2 id="sensitivity-title">{t.compare.sensitivity}</h2>
      <p class="note">{t.compare.sensitivityNote}</p>
      <button type="button" class="button plain" disabled={busy.value} onClick={() => void scan()}>
        {t.compare.sensitivityGo}
      </button>
      {found && (
        <div class="trials" data-testid="sensitivity">
          <TrialSummary scan={found} />
          {found.suggestion && <Suggestion suggestion={found.suggestion} />}
          <TrialTable layers={found.layers} label={t.compare.mostSensitiveFirst} />
        </div>
      )}
    </section>
  );
}
