// Calibration data: where it comes from and how much of it.
import { useRef } from 'preact/hooks';
import { t } from '../i18n';
import { imageSpec, needsCalibration } from '../state/app';
import {
  addCalibrationImages,
  type CalibrationSource,
  calibrationCount,
  calibrationFiles,
  calibrationFrom,
  calibrationSource,
  dataset,
  sampleSets,
  wantedCount,
} from '../state/inputs';
import { calibrationLines, calibrationText, writtenInputs } from '../state/tokens';
import { FilePicker } from './file_picker';
import { Preprocessing } from './preprocessing';
import { Segments } from './select';
import { TokenSettings } from './text_input';

function available(): Partial<Record<CalibrationSource, string>> {
  return {
    ...(sampleSets.value && { sample: t.recipe.source.sample }),
    ...(dataset.value && { dataset: t.recipe.source.dataset }),
    ...(imageSpec.value && { images: t.recipe.source.images }),
    ...(writtenInputs.value.length === 1 && { text: t.recipe.source.text }),
    random: t.recipe.source.random,
  };
}

function Images() {
  const count = calibrationFiles.value.length;
  return (
    <>
      <p class="note">{t.recipe.imagesHint}</p>
      <div class="row">
        <FilePicker label={t.recipe.addImages} accept="image/*" multiple onFiles={addCalibrationImages} />
        <span role="status">{count === 0 ? t.recipe.noImagesYet : t.recipe.imageCount(count)}</span>
        {count > 0 && (
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              calibrationFiles.value = [];
            }}
          >
            {t.recipe.clearImages}
          </button>
        )}
      </div>
    </>
  );
}

function Lines() {
  const count = calibrationLines.value.length;
  return (
    <>
      <TokenSettings id="calibration" />
      <label class="lines">
        {t.recipe.lines}
        <textarea
          rows={4}
          spellcheck={false}
          value={calibrationText.value}
          onChange={(e) => {
            calibrationText.value = e.currentTarget.value;
          }}
        />
      </label>
      <p class="note" role="status">
        {count === 0 ? t.recipe.noLines : t.recipe.lineCount(count)}
      </p>
    </>
  );
}

function Count() {
  const field = useRef<HTMLInputElement>(null);
  const set = (text: string) => {
    wantedCount.value = Math.min(1000, Math.max(1, Math.round(Number(text)) || 1));
    if (field.current) field.current.value = String(calibrationCount.value);
  };
  return (
    <div class="param int">
      <label for="calibration-count">{t.recipe.count}</label>
      <input
        ref={field}
        id="calibration-count"
        type="number"
        min={1}
        max={1000}
        value={calibrationCount.value}
        onChange={(e) => set(e.currentTarget.value)}
      />
    </div>
  );
}

export function Calibration() {
  const from = calibrationFrom.value;
  const names = available() as Record<CalibrationSource, string>;
  return (
    <section class="calibration" aria-labelledby="calibration-title">
      <h2 id="calibration-title">{t.recipe.calibration}</h2>
      {!needsCalibration.value && <p class="note">{t.recipe.noCalibration}</p>}
      {Object.keys(names).length > 1 && (
        <Segments
          id="calibration"
          label={t.recipe.calibration}
          value={calibrationSource.value}
          names={names}
          onChange={(next) => {
            calibrationSource.value = next;
          }}
        />
      )}
      {calibrationSource.value === 'images' && <Images />}
      {calibrationSource.value === 'text' && <Lines />}
      {from === 'sample' && <p class="note">{t.recipe.sampleHint}</p>}
      {from === 'dataset' && dataset.value && <p class="note">{t.recipe.datasetHint(dataset.value.name)}</p>}
      {from === 'random' && <p class="notice">{t.recipe.randomMeans}</p>}
      {from !== 'images' && from !== 'text' && <Count />}
      {imageSpec.value && <Preprocessing spec={imageSpec.value} />}
    </section>
  );
}
