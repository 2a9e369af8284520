// Both networks side by side: output, size, latency, distance; the test input; download.
import { useEffect, useRef } from 'preact/hooks';
import { formatBytes, formatDb, formatMs, formatPercent, median } from '../format';
import { t } from '../i18n';
import { isImageFile } from '../inputs/images';
import { isClassScores } from '../results/topk';
import { chooseTestImage, chooseTestRandom, download } from '../state/actions';
import { busy, canRun, compressed, imageSpec, type Results, results, type Side, testInput } from '../state/app';
import { FilePicker } from './file_picker';
import { Layers } from './layers';
import { ReportView } from './report';
import { TensorTable } from './tensor_table';
import { TopLists } from './top_lists';

function TestInput() {
  const test = testInput.value;
  return (
    <div class="test-input">
      {test.kind === 'image' ? <img src={test.url} alt={test.file.name} /> : <div class="noise" aria-hidden="true" />}
      <div>
        <h3>{t.testInput}</h3>
        <p class="file-name">{test.kind === 'image' ? test.file.name : t.testRandomName(test.seed)}</p>
        <div class="row">
          {imageSpec.value && (
            <FilePicker
              label={t.testPicture}
              accept="image/*"
              disabled={busy.value}
              onFiles={([file]) => file && isImageFile(file) && void chooseTestImage(file)}
            />
          )}
          <button type="button" class="button plain" disabled={busy.value} onClick={() => void chooseTestRandom()}>
            {t.testRandom}
          </button>
        </div>
      </div>
    </div>
  );
}

function sizeChange(before: number, after: number): string {
  const share = Math.abs(1 - after / before);
  if (share < 0.0005) return t.sameSize;
  return after < before ? t.saved(formatPercent(share)) : t.grown(formatPercent(share));
}

function speedChange(before: number, after: number): string {
  const ratio = before / after;
  const text = (x: number) => x.toFixed(x < 10 ? 1 : 0);
  return ratio >= 1 ? t.faster(text(ratio)) : t.slower(text(1 / ratio));
}

function Gauges({ name, side, change, speed }: { name: string; side: Side; change?: string; speed?: string }) {
  return (
    <div class="gauges">
      <h3>{name}</h3>
      <p>
        <span class="big" data-testid={`size-${name}`}>
          {formatBytes(side.bytes)}
        </span>
        {change && <span class="change good">{change}</span>}
      </p>
      <p title={t.latencyNote(side.times.length)}>
        <span class="big">{formatMs(median(side.times))}</span>
        {speed && <span class="change">{speed}</span>}
      </p>
    </div>
  );
}

function Distance({ results: r }: { results: Results }) {
  const [first] = r.comparison.outputs;
  if (!first) return null;
  return (
    <p class="distance" title={t.sqnrHelp}>
      <span class="big" data-testid="sqnr">
        {formatDb(first.sqnr, t.equal)}
      </span>{' '}
      {t.sqnr}
      <span class="note block">{t.sqnrHelp}</span>
    </p>
  );
}

function Outputs({ results: r }: { results: Results }) {
  const before = Object.values(r.original.result.outputs);
  const after = Object.values(r.compressed.result.outputs);
  const [a, b] = [before[0], after[0]];
  if (before.length === 1 && a && b && isClassScores(a) && isClassScores(b))
    return <TopLists original={a} compressed={b} />;
  return <TensorTable results={r} />;
}

function Body({ results: r }: { results: Results }) {
  const [before, after] = [median(r.original.times), median(r.compressed.times)];
  return (
    <>
      <div class="pair">
        <Gauges name={t.original} side={r.original} />
        <Gauges
          name={t.compressed}
          side={r.compressed}
          change={sizeChange(r.original.bytes, r.compressed.bytes)}
          speed={speedChange(before, after)}
        />
      </div>
      <p class="note">
        {t.latency}: {t.latencyNote(r.original.times.length)}
      </p>
      <Distance results={r} />
      <Outputs results={r} />
      <Layers layers={r.comparison.layers} />
      <ReportView />
    </>
  );
}

/** On a narrow screen the first results come in below the fold: bring them into sight. */
function useIntoView(ready: boolean) {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (ready) card.current?.scrollIntoView({ block: 'nearest' });
  }, [ready]);
  return card;
}

export function ResultsCard() {
  const r = results.value;
  const card = useIntoView(r !== null);
  if (!canRun.value) return null;
  return (
    <section ref={card} class="card results" aria-labelledby="results-title">
      <div class="row spread">
        <h2 id="results-title">{t.stepResult}</h2>
        {compressed.value && (
          <button type="button" class="button primary" onClick={() => void download()}>
            {t.download}
          </button>
        )}
      </div>
      {r ? <TestInput /> : <p class="empty">{t.notYet}</p>}
      {r && <Body results={r} />}
    </section>
  );
}
