// Size, latency, distance, and the work of one run, of both networks.
import type { HalftoneModel } from '../engine/types';
import {
  formatBytes,
  formatDb,
  formatFixed,
  formatInteger,
  formatMs,
  formatPercent,
  formatValue,
  median,
} from '../format';
import { t } from '../i18n';
import { workOf } from '../results/work';
import { engine, opened, type Results, type Side } from '../state/app';
import { layers } from '../state/layers';
import { memoryOf } from '../state/memory';
import { Facts } from './model_facts';

function sizeChange(before: number, after: number): string {
  const share = Math.abs(1 - after / before);
  if (share < 0.0005) return t.compare.sameSize;
  return after < before ? t.compare.saved(formatPercent(share)) : t.compare.grown(formatPercent(share));
}

function speedChange(before: number, after: number): string {
  const ratio = before / after;
  const text = (x: number) => formatFixed(x, x < 10 ? 1 : 0);
  return ratio >= 1 ? t.compare.faster(text(ratio)) : t.compare.slower(text(1 / ratio));
}

const memoryText = (bytes: number | null | undefined): string =>
  bytes === undefined ? '…' : bytes === null ? t.compare.memoryUnknown : formatBytes(bytes);

interface GaugeProps {
  name: string;
  id: string;
  side: Side;
  /** Bytes while it runs; undefined: not measured yet; null: it could not be. */
  memory: number | null | undefined;
  change?: [size: string, speed: string];
}

function Gauge({ name, id, side, memory, change }: GaugeProps) {
  const [low, high] = [Math.min(...side.times), Math.max(...side.times)];
  return (
    <div class="gauge">
      <h3>{name}</h3>
      <p>
        <span class="big" data-testid={`size-${id}`}>
          {formatBytes(side.bytes)}
        </span>
        {change && <span class="change good">{change[0]}</span>}
      </p>
      <p>
        <span class="big">{formatMs(median(side.times))}</span>
        {change && <span class="change">{change[1]}</span>}
        <span class="note block">{t.compare.spread(formatMs(low), formatMs(high))}</span>
      </p>
      <p>
        <span class="note">{t.compare.memory}: </span>
        <b data-testid={`memory-${id}`}>{memoryText(memory)}</b>
      </p>
    </div>
  );
}

function Work() {
  const work = workOf(layers.value);
  const energy = (nanojoules: number) => `${formatValue(Number((nanojoules / 1000).toPrecision(3)))} µJ`;
  return (
    <details>
      <summary>{t.compare.work}</summary>
      <Facts
        facts={[
          [t.compare.original, energy(work.floatNanojoules)],
          [t.compare.compressed, energy(work.nanojoules)],
          [t.compare.bitops, `${formatPercent(work.bitops / Math.max(1, work.floatBitops))}`],
        ]}
      />
      <p>{t.compare.intMacs(formatPercent(work.integerShare))}</p>
      <p class="note">
        {t.compare.energy}: {t.compare.energyNote}
      </p>
    </details>
  );
}

export function Gauges({ results: r }: { results: Results }) {
  const [before, after] = [median(r.original.times), median(r.compressed.times)];
  const [first] = r.comparison.outputs;
  const known = (model: HalftoneModel | undefined) => (model ? memoryOf.value.get(model) : undefined);
  const threads = t.compare.threads(engine.value?.capabilities.threads ?? 1);
  return (
    <>
      <div class="gauges">
        <Gauge name={t.compare.original} id="original" side={r.original} memory={known(opened.value?.model)} />
        <Gauge
          name={t.compare.compressed}
          id="compressed"
          side={r.compressed}
          memory={known(r.made)}
          change={[sizeChange(r.original.bytes, r.compressed.bytes), speedChange(before, after)]}
        />
        {first && (
          <div class="gauge">
            <h3>{t.compare.sqnr}</h3>
            <p class="big" data-testid="sqnr">
              {formatDb(first.sqnr, t.compare.equal)}
            </p>
            <p class="note">{t.compare.sqnrHelp}</p>
          </div>
        )}
      </div>
      <p class="note">
        {t.compare.latency}: {t.compare.latencyNote(formatInteger(r.original.times.length), threads)}.{' '}
        {t.compare.memory}: {t.compare.memoryNote}
      </p>
      <Work />
    </>
  );
}
