// Both networks side by side: the test input, sizes and times, outputs, and the error along the network.
import { t } from '../i18n';
import { busy, results } from '../state/app';
import { ErrorAlong } from './error_along';
import { Gauges } from './gauges';
import { Outputs } from './outputs';
import { SensitivityCard } from './sensitivity_card';
import { TestInputPanel } from './test_input';
import { TimeTable } from './time_table';

export function CompareView() {
  const shown = results.value;
  return (
    <div class="compare-view">
      <section class="card" aria-labelledby="test-title">
        <h2 id="test-title">{t.input.title}</h2>
        <TestInputPanel />
      </section>
      <section class="card results" aria-labelledby="results-title" aria-busy={busy.value}>
        <h2 id="results-title">{t.compare.title}</h2>
        {shown ? (
          <>
            <Gauges results={shown} />
            <Outputs results={shown} />
          </>
        ) : (
          <div class="empty">
            <p>{t.compare.notYet}</p>
            <p class="note">{t.compare.notYetHint}</p>
          </div>
        )}
      </section>
      {shown && <ErrorAlong results={shown} />}
      {shown && <SensitivityCard />}
      {shown && <TimeTable results={shown} />}
    </div>
  );
}
