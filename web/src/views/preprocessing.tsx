// How pictures become numbers: guessed, shown, editable.
import { formatInteger } from '../format';
import { t } from '../i18n';
import { type ChannelOrder, type Fit, type ImageSpec, NORMALIZATIONS, normalizationId } from '../inputs/preprocess';
import { opened } from '../state/app';
import { setImageSpec, setNormalization } from '../state/inputs';
import { Select } from './select';

function normalizationNames(current: string): Record<string, string> {
  const table: Record<string, string> = t.input.normalizations;
  const names = Object.fromEntries(NORMALIZATIONS.map(({ id }) => [id, table[id] ?? id]));
  return current === 'custom' ? { ...names, custom: t.input.normalizations.custom } : names;
}

export function Preprocessing({ spec }: { spec: ImageSpec }) {
  const current = normalizationId(spec);
  const reason = opened.value?.guess.reason ?? 'unknown';
  return (
    <details class="preprocessing">
      <summary>
        {t.input.preprocessing}{' '}
        <span class="shape">
          {formatInteger(spec.width)} × {formatInteger(spec.height)}, {spec.layout.toUpperCase()}
        </span>
      </summary>
      <p class="note">{t.input.guess[reason]}</p>
      <div class="params">
        <Select
          id="normalization"
          label={t.input.normalization}
          value={current}
          names={normalizationNames(current)}
          onChange={setNormalization}
        />
        {spec.channels !== 'gray' && (
          <Select<Exclude<ChannelOrder, 'gray'>>
            id="channels"
            label={t.input.channelOrder}
            value={spec.channels}
            names={{ rgb: t.input.channelNames.rgb, bgr: t.input.channelNames.bgr }}
            onChange={(channels) => setImageSpec({ channels })}
          />
        )}
        <Select<Fit>
          id="fit"
          label={t.input.fit}
          value={spec.fit}
          names={t.input.fitNames}
          onChange={(fit) => setImageSpec({ fit })}
        />
      </div>
    </details>
  );
}
