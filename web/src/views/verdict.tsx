// The outcome of judging: shares with their margins, two confusion matrices, and the examples on which they differ.
import { useEffect, useState } from 'preact/hooks';
import { Confusion } from '../charts/confusion';
import { formatFixed, formatInteger, formatPercentDigits } from '../format';
import { t } from '../i18n';
import { pictureUrl } from '../inputs/picture';
import { margin, type Scores } from '../results/classify';
import { labelOf } from '../results/labels';
import { labels } from '../state/app';
import { rerun } from '../state/compress';
import { judgedSet } from '../state/data';
import { itemPicture, setTestItem } from '../state/inputs';
import type { Judgement } from '../state/judged';
import { view } from '../state/ui';
import { Figure } from './figure';

const MOST_SHOWN = 24;

const nameIn = (judgement: Judgement) => (index: number) => judgement.classes[index] ?? labelOf(labels.value, index);

function Numbers({ name, scores, delta }: { name: string; scores: Scores; delta?: number }) {
  return (
    <div class="gauge">
      <h3>{name}</h3>
      <p class="big" data-testid={delta === undefined ? 'accuracy-original' : 'accuracy-compressed'}>
        {formatPercentDigits(scores.accuracy, 1)}
      </p>
      {delta !== undefined && (
        <p class={delta < -0.0005 ? 'bad' : 'good'}>
          {t.judge.delta(`${delta >= 0 ? '+' : '−'}${formatFixed(Math.abs(delta * 100), 1)}`)}
        </p>
      )}
      <p class="note">
        {t.judge.margin(formatPercentDigits(margin(scores.accuracy, scores.samples), 1))}
        <br />
        {t.judge.macroF1}: {formatFixed(scores.macroF1, 3)}
      </p>
    </div>
  );
}

type Difference = Judgement['disagreements'][number];

function Example({ at, names }: { at: Difference; names: (index: number) => string }) {
  const [url, setUrl] = useState<string | null>(null);
  const set = judgedSet();
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    const make = async () => {
      const picture = set ? await itemPicture(set.data.item(at.index)) : null;
      if (!picture || gone) return;
      made = await pictureUrl(picture);
      setUrl(made);
    };
    void make();
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [at]);
  const text = t.judge.disagreeItem(names(at.truth), names(at.original), names(at.compressed));
  const open = async () => {
    if (!set) return;
    view.value = 'compare';
    await setTestItem(set.data, at.index);
    await rerun();
  };
  return (
    <li>
      <button type="button" class="example" title={t.judge.tryIt} onClick={() => void open()}>
        {url && <img src={url} alt="" />}
        <span>{text}</span>
      </button>
    </li>
  );
}

export function Verdict({ judgement: j }: { judgement: Judgement }) {
  const names = nameIn(j);
  const several = j.original.confusion.length <= 200;
  return (
    <>
      <section class="card" aria-labelledby="verdict-title">
        <h2 id="verdict-title">{t.judge.accuracy}</h2>
        <div class="gauges">
          <Numbers name={t.compare.original} scores={j.original} />
          <Numbers
            name={t.compare.compressed}
            scores={j.compressed}
            delta={j.compressed.accuracy - j.original.accuracy}
          />
          <div class="gauge">
            <h3>{t.judge.agreement}</h3>
            <p class="big">{formatPercentDigits(j.agreement, 1)}</p>
          </div>
        </div>
      </section>
      {several && (
        <section class="card" aria-labelledby="confusion-title">
          <h2 id="confusion-title">{t.judge.confusion}</h2>
          <p class="note">{t.judge.confusionNote}</p>
          <div class="pair">
            <Figure name="confusion-original">
              <h3>{t.compare.original}</h3>
              <Confusion
                counts={j.original.confusion}
                names={names}
                label={`${t.judge.confusion}, ${t.compare.original}`}
              />
            </Figure>
            <Figure name="confusion-compressed">
              <h3>{t.compare.compressed}</h3>
              <Confusion
                counts={j.compressed.confusion}
                names={names}
                label={`${t.judge.confusion}, ${t.compare.compressed}`}
              />
            </Figure>
          </div>
        </section>
      )}
      <section class="card" aria-labelledby="differ-title">
        <h2 id="differ-title">{t.judge.disagree}</h2>
        <p class="note">
          {j.disagreements.length === 0
            ? t.judge.disagreeNone
            : t.judge.disagreeNote(formatInteger(j.disagreements.length))}
        </p>
        <ul class="examples">
          {j.disagreements.slice(0, MOST_SHOWN).map((at) => (
            <Example key={at.index} at={at} names={names} />
          ))}
        </ul>
      </section>
    </>
  );
}
