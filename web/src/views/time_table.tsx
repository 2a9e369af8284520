// Where the time of one run goes: the slowest nodes of the compressed network.
import { formatMs, formatPercent } from '../format';
import { t } from '../i18n';
import type { Results } from '../state/app';

const SHOWN = 6;

export function TimeTable({ results: { compressed } }: { results: Results }) {
  const total = compressed.profile.reduce((sum, { ms }) => sum + ms, 0);
  const slowest = compressed.profile.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN);
  if (total === 0) return null;
  return (
    <section class="card" aria-labelledby="time-title">
      <h2 id="time-title">{t.compare.slowest}</h2>
      <ol class="top-list">
        {slowest.map(({ node, op, integer, ms }) => (
          <li key={node}>
            <span class="label">
              {op} <code>{node}</code> {!integer && <span class="note">{t.model.float}</span>}
            </span>
            <span class="share">
              {formatMs(ms)} ({formatPercent(ms / total)})
            </span>
            <span class="bar" aria-hidden="true">
              <span style={{ width: `${(ms / total) * 100}%` }} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
