// Everything tried in this sitting, as a chart of size against quality and as a table; each attempt can be returned to.
import { ParetoChart } from '../charts/pareto_chart';
import { formatBytes, formatDb, formatInteger, formatMs, formatPercentDigits } from '../format';
import { t } from '../i18n';
import { passText } from '../i18n/engine_text';
import { busy, findPass } from '../state/app';
import { type Attempt, attempts, currentAttempt, returnTo } from '../state/attempts';
import { compress } from '../state/compress';
import { Figure } from './figure';
import { Scroll } from './scroll';

/** Beyond this a difference is none; equal outputs are drawn there. */
const FULL_DB = 80;

const stepsOf = (attempt: Attempt) =>
  attempt.recipe
    .map(({ pass, ...params }) => {
      const spec = findPass(pass);
      const changed = Object.entries(params).map(([key, value]) => `${key} ${JSON.stringify(value)}`.slice(0, 40));
      const label = spec ? passText(spec).label : pass;
      return changed.length > 0 ? `${label} (${changed.join(', ')})` : label;
    })
    .join(' → ');

const goTo = (attempt: Attempt) => {
  returnTo(attempt);
  void compress();
};

function Chart() {
  const judged = attempts.value.every(({ accuracy }) => accuracy !== null);
  const quality = ({ accuracy, sqnr }: Attempt) => (judged ? (accuracy ?? 0) : Math.min(FULL_DB, sqnr ?? FULL_DB));
  const qualityText = (attempt: Attempt) =>
    judged ? formatPercentDigits(attempt.accuracy ?? 0, 1) : formatDb(attempt.sqnr, t.compare.equal);
  return (
    <Figure name="attempts">
      <ParetoChart
        points={attempts.value.map((attempt) => ({
          id: attempt.id,
          size: attempt.bytes,
          quality: quality(attempt),
          label: t.judge.attemptPoint(formatInteger(attempt.id), formatBytes(attempt.bytes), qualityText(attempt)),
        }))}
        most={judged ? 1 : FULL_DB}
        current={currentAttempt()}
        titles={{ x: t.judge.axisSize, y: judged ? t.judge.axisAccuracy : t.judge.axisSqnr }}
        formatY={judged ? (v) => formatPercentDigits(v, 1) : (v) => formatInteger(v)}
        onChoose={(id) => {
          const attempt = attempts.value.find((a) => a.id === id);
          if (attempt && !busy.value) goTo(attempt);
        }}
      />
    </Figure>
  );
}

function Rows() {
  const current = currentAttempt();
  return (
    <Scroll label={`${t.judge.tried}: ${t.judge.steps}`}>
      <table class="dense">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t.judge.steps}</th>
            <th scope="col" class="number">
              {t.compare.size}
            </th>
            <th scope="col" class="number">
              {t.compare.sqnr}
            </th>
            <th scope="col" class="number">
              {t.judge.accuracy}
            </th>
            <th scope="col" class="number">
              {t.compare.latency}
            </th>
            <th scope="col">
              <span class="hidden">{t.judge.back}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {attempts.value.map((attempt) => (
            <tr key={attempt.id} class={attempt.id === current ? 'chosen' : ''}>
              <td>{formatInteger(attempt.id)}</td>
              <th scope="row">{stepsOf(attempt)}</th>
              <td class="number">{formatBytes(attempt.bytes)}</td>
              <td class="number">{formatDb(attempt.sqnr, t.compare.equal)}</td>
              <td class="number">{attempt.accuracy === null ? '–' : formatPercentDigits(attempt.accuracy, 1)}</td>
              <td class="number">{formatMs(attempt.ms)}</td>
              <td>
                {attempt.id === current ? (
                  <span class="note">{t.judge.current}</span>
                ) : (
                  <button type="button" class="button quiet" disabled={busy.value} onClick={() => goTo(attempt)}>
                    {t.judge.back}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function Attempts() {
  const some = attempts.value.length > 0;
  return (
    <section class="card" aria-labelledby="tried-title">
      <h2 id="tried-title">{t.judge.tried}</h2>
      <p class="note">{some ? t.judge.triedNote : t.judge.triedNone}</p>
      {some && <Chart />}
      {some && <Rows />}
    </section>
  );
}
