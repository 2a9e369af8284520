// The lengths that the file leaves open: guessed, shown before anything runs, and to be set.
import { t } from '../i18n';
import type { FreeLength } from '../inputs/free_lengths';
import { busy } from '../state/app';
import { rerun } from '../state/compress';
import { inputsOfModel, lengths, setLength } from '../state/model_inputs';

function Field({ free }: { free: FreeLength }) {
  const { key, role } = free;
  const value = lengths.value.get(key) ?? free.guess;
  const set = async (field: HTMLInputElement) => {
    const length = Number.parseInt(field.value, 10);
    const isLength = Number.isSafeInteger(length) && length >= 0;
    field.value = String(isLength ? length : value);
    if (!isLength || length === value) return;
    setLength(key, length);
    await rerun();
  };
  return (
    <label>
      <span>
        {t.input.lengthOf[role]} {key.toLowerCase() !== role && <code class="file-name">{key}</code>}
      </span>
      <input
        type="number"
        min={0}
        step={1}
        value={value}
        disabled={busy.value}
        onChange={(event) => void set(event.currentTarget)}
      />
    </label>
  );
}

/** `decided`: whether what is fed in says how long it is. */
export function LengthFields({ decided }: { decided: (free: FreeLength) => boolean }) {
  const asked = inputsOfModel.value.free.filter((free) => !decided(free));
  if (asked.length === 0) return null;
  return (
    <fieldset class="lengths">
      <legend>{t.input.lengths}</legend>
      <div class="row">
        {asked.map((free) => (
          <Field key={free.key} free={free} />
        ))}
      </div>
      <p class="note">{t.input.lengthsNote}</p>
    </fieldset>
  );
}
