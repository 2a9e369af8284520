// A classifier's five best of each network, with bars; classes that both lists hold line up by colour.
import type { Tensor } from '../engine/types';
import { formatPercent } from '../format';
import { t } from '../i18n';
import { labelOf } from '../results/labels';
import { type Ranked, topK } from '../results/topk';
import { labels } from '../state/app';

function List({ name, ranked, other }: { name: string; ranked: readonly Ranked[]; other: readonly Ranked[] }) {
  const shared = (index: number) => other.some((o) => o.index === index);
  return (
    <ol class="top-list" aria-label={name}>
      {ranked.map((r) => (
        <li key={r.index} class={shared(r.index) ? '' : 'alone'} data-class={r.index}>
          <span class="label">{labelOf(labels.value, r.index)}</span>
          <span class="share">{formatPercent(r.probability)}</span>
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${Math.max(0.5, r.probability * 100)}%` }} />
          </span>
        </li>
      ))}
    </ol>
  );
}

export function TopLists({ original, compressed }: { original: Tensor; compressed: Tensor }) {
  const a = topK(original);
  const b = topK(compressed);
  const same = a[0]?.index === b[0]?.index;
  return (
    <>
      <div class="pair">
        <List name={t.compare.original} ranked={a} other={b} />
        <List name={t.compare.compressed} ranked={b} other={a} />
      </div>
      <p class={same ? 'verdict good' : 'verdict bad'}>{same ? t.compare.sameTop : t.compare.otherTop}</p>
    </>
  );
}
