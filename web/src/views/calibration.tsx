// Calibration data: pictures or random numbers, and how pictures become numbers.
import { formatInteger } from '../format';
import { t } from '../i18n';
import { type ChannelOrder, type Fit, type ImageSpec, NORMALIZATIONS, normalizationId } from '../inputs/preprocess';
import { addCalibrationImages, clearCalibrationImages, setImageSpec, setNormalization } from '../state/actions';
import {
  type Calibration,
  calibration,
  calibrationFiles,
  canRun,
  imageSpec,
  needsCalibration,
  opened,
  randomCount,
  usesPictures,
} from '../state/app';
import { FilePicker } from './file_picker';

function SourceChoice() {
  const kinds: [Calibration, string][] = [
    ['images', t.calibrationImages],
    ['random', t.calibrationRandom],
  ];
  return (
    <fieldset class="segments">
      <legend class="hidden">{t.stepCalibrate}</legend>
      {kinds.map(([kind, label]) => (
        <label key={kind}>
          <input
            type="radio"
            name="calibration"
            checked={calibration.value === kind}
            onChange={() => (calibration.value = kind)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Images() {
  const count = calibrationFiles.value.length;
  return (
    <>
      <p class="note">{t.imagesHint}</p>
      <div class="row">
        <FilePicker label={t.addImages} accept="image/*" multiple onFiles={addCalibrationImages} />
        <span role="status">{count === 0 ? t.noImagesYet : t.imageCount(count)}</span>
        {count > 0 && (
          <button type="button" class="button quiet" onClick={clearCalibrationImages}>
            {t.clearImages}
          </button>
        )}
      </div>
    </>
  );
}

function Random() {
  const set = (text: string) => (randomCount.value = Math.min(1000, Math.max(1, Math.round(Number(text)) || 1)));
  return (
    <>
      <p class="notice">{t.randomMeans}</p>
      <div class="param int">
        <label for="random-count">{t.randomCount}</label>
        <input
          id="random-count"
          type="number"
          min={1}
          max={1000}
          value={randomCount.value}
          onChange={(e) => set(e.currentTarget.value)}
        />
      </div>
    </>
  );
}

function Select<T extends string>(props: {
  id: string;
  label: string;
  value: T;
  names: Record<T, string>;
  onChange: (v: T) => void;
}) {
  return (
    <div class="param choice">
      <label for={props.id}>{props.label}</label>
      <select id={props.id} value={props.value} onChange={(e) => props.onChange(e.currentTarget.value as T)}>
        {(Object.keys(props.names) as T[]).map((key) => (
          <option key={key} value={key}>
            {props.names[key]}
          </option>
        ))}
      </select>
    </div>
  );
}

function normalizationNames(current: string): Record<string, string> {
  const names = Object.fromEntries(
    NORMALIZATIONS.map((n) => [n.id, t.normalizations[n.id as keyof typeof t.normalizations]]),
  );
  return current === 'custom' ? { ...names, custom: t.normalizations.custom } : names;
}

function Preprocessing({ spec }: { spec: ImageSpec }) {
  const current = normalizationId(spec);
  const reason = opened.value?.guess.reason ?? 'unknown';
  return (
    <details open>
      <summary>
        {t.preprocessing}{' '}
        <span class="shape">
          {formatInteger(spec.width)} × {formatInteger(spec.height)}, {spec.layout.toUpperCase()}
        </span>
      </summary>
      <p class="note">{t.preprocessingGuess[reason]}</p>
      <div class="params">
        <Select
          id="normalization"
          label={t.normalization}
          value={current}
          names={normalizationNames(current)}
          onChange={setNormalization}
        />
        {spec.channels !== 'gray' && (
          <Select<Exclude<ChannelOrder, 'gray'>>
            id="channels"
            label={t.channelOrder}
            value={spec.channels}
            names={{ rgb: t.channelNames.rgb, bgr: t.channelNames.bgr }}
            onChange={(channels) => setImageSpec({ channels })}
          />
        )}
        <Select<Fit>
          id="fit"
          label={t.fit}
          value={spec.fit}
          names={t.fitNames}
          onChange={(fit) => setImageSpec({ fit })}
        />
      </div>
    </details>
  );
}

export function CalibrationCard() {
  if (!canRun.value) return null;
  const spec = imageSpec.value;
  return (
    <section class="card" aria-labelledby="calibration-title">
      <h2 id="calibration-title">{t.stepCalibrate}</h2>
      <p class="note">{needsCalibration.value ? t.calibrationNeed : t.noCalibration}</p>
      {spec && <SourceChoice />}
      {spec && calibration.value === 'images' && <Images />}
      {!usesPictures.value && <Random />}
      {spec && <Preprocessing spec={spec} />}
    </section>
  );
}
