// Judging: labelled data, accuracy and confusion of both networks, where they differ; and everything tried so far.
import { useRef } from 'preact/hooks';
import { formatInteger } from '../format';
import { t } from '../i18n';
import { busy, results } from '../state/app';
import { judge, judgedSet, openData } from '../state/data';
import { dataset } from '../state/inputs';
import { judgeCount, judgement } from '../state/judged';
import { Attempts } from './attempts';
import { FilePicker } from './file_picker';
import { Verdict } from './verdict';

function FolderPicker() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="button plain" onClick={() => input.current?.click()}>
        {t.judge.pickFolder}
      </button>
      <input
        ref={input}
        hidden
        type="file"
        aria-label={t.judge.pickFolder}
        {...{ webkitdirectory: true }}
        onChange={() => {
          const files = [...(input.current?.files ?? [])];
          if (input.current) input.current.value = '';
          if (files.length > 0) void openData(files);
        }}
      />
    </>
  );
}

function Count({ most }: { most: number }) {
  const set = (field: HTMLInputElement) => {
    judgeCount.value = Math.min(most, Math.max(1, Math.round(Number(field.value)) || 1));
    field.value = String(judgeCount.value);
  };
  return (
    <div class="param int">
      <label for="judge-count">{t.judge.howMany}</label>
      <input
        id="judge-count"
        type="number"
        min={1}
        max={most}
        value={Math.min(most, judgeCount.value)}
        onChange={(e) => set(e.currentTarget)}
      />
    </div>
  );
}

function Data() {
  const set = judgedSet();
  return (
    <section class="card" aria-labelledby="data-title">
      <h2 id="data-title">{t.judge.data}</h2>
      <p class="note">{t.judge.dataNote}</p>
      <div class="row">
        <FilePicker label={t.judge.pickFiles} multiple onFiles={(files) => void openData(files)} />
        <FolderPicker />
        {dataset.value && (
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              dataset.value = null;
              judgement.value = null;
            }}
          >
            {t.judge.remove}
          </button>
        )}
      </div>
      {set && (
        <>
          <p role="status">
            {t.judge.loaded(
              set.name,
              formatInteger(set.data.length),
              formatInteger(set.data.classes.length || new Set(set.data.labels ?? []).size),
            )}
          </p>
          <Count most={set.data.length} />
          <div class="row">
            <button
              type="button"
              class="button primary"
              disabled={busy.value || !results.value}
              onClick={() => void judge()}
            >
              {t.judge.go}
            </button>
            {!results.value && <span class="note">{t.judge.needModel}</span>}
          </div>
        </>
      )}
    </section>
  );
}

export function JudgeView() {
  return (
    <div class="judge-view">
      <Data />
      {judgement.value && <Verdict judgement={judgement.value} />}
      <Attempts />
    </div>
  );
}
