// Text for models that take tokens: a box for each input that a person writes, how it is read, and what comes of it.
import { useSignal } from '@preact/signals';
import { formatInteger, formatShape } from '../format';
import { t } from '../i18n';
import { isTyped } from '../inputs/beside_text';
import { dimsOf } from '../inputs/lengths';
import { idsOf, type Reading, type TokenInput, type Written, wrongId } from '../inputs/tokens';
import { busy } from '../state/app';
import { testInput } from '../state/inputs';
import { inputsOfModel, lengths } from '../state/model_inputs';
import { tokenPadding, tokenReading, writtenInputs } from '../state/tokens';
import { Segments } from './select';

/** Shown of what the text becomes. */
const SHOWN = 12;

/** "5 tokens: 3, 7, ...", or what is wrong with them. */
function becomes({ length, vocabulary }: TokenInput, text: string, reading: Reading): string {
  const ids = idsOf(text, reading);
  const wrong = wrongId(ids, vocabulary);
  if (wrong !== undefined) return t.app.errors.badToken(String(wrong), vocabulary);
  const first = ids.slice(0, SHOWN).join(', ') + (ids.length > SHOWN ? ', …' : '');
  const cut = length !== null && ids.length > length ? ` ${t.input.tokensCut(formatInteger(length))}` : '';
  const filled =
    length !== null && ids.length < length ? ` ${t.input.tokensFilled(formatInteger(length - ids.length))}` : '';
  return `${t.input.tokens(formatInteger(ids.length), first)}${cut}${filled}`;
}

/** How text is read, where the model takes ids. */
export function TokenSettings({ id }: { id: string }) {
  const inputs = writtenInputs.value;
  if (!inputs.some(({ role }) => role === 'ids')) return <p class="note">{t.input.textStrings}</p>;
  const fixed = inputs.some(({ role, length }) => role === 'ids' && length !== null);
  return (
    <>
      <p class="notice">{t.input.noTokenizer}</p>
      <Segments<Reading>
        id={`${id}-reading`}
        label={t.input.textAs}
        value={tokenReading.value}
        names={t.input.readings}
        onChange={(next) => {
          tokenReading.value = next;
        }}
      />
      {fixed && (
        <div class="param int">
          <label for={`${id}-padding`}>{t.input.padding}</label>
          <input
            id={`${id}-padding`}
            type="number"
            min={0}
            step={1}
            value={tokenPadding.value}
            onChange={(e) => {
              tokenPadding.value = Math.max(0, Math.round(Number(e.currentTarget.value)) || 0);
            }}
          />
        </div>
      )}
    </>
  );
}

type Texts = Readonly<Record<string, string>>;

/** What the model takes beside the text: numbers for those who have them, and what fills itself. */
function Beside({ texts, onChange }: { texts: Texts; onChange: (texts: Texts) => void }) {
  const { beside, tokens } = inputsOfModel.value;
  const typed = beside.filter(isTyped);
  const zero = beside.filter(({ state }) => state);
  const follow = tokens.filter((input) => !writtenInputs.value.includes(input));
  return (
    <>
      {typed.map((input) => (
        <label key={input.name}>
          {t.input.besideFor(input.name, formatShape(dimsOf(input, lengths.value)))}
          <textarea
            rows={1}
            spellcheck={false}
            value={texts[input.name] ?? ''}
            onInput={(e) => onChange({ ...texts, [input.name]: e.currentTarget.value })}
          />
        </label>
      ))}
      {follow.length > 0 && <p class="note">{t.input.followText(namesOf(follow))}</p>}
      {zero.length > 0 && <p class="note">{t.input.zeroState(namesOf(zero))}</p>}
    </>
  );
}

/** Models of many layers have a state for each. */
const SHOWN_NAMES = 4;
const namesOf = (list: readonly { name: string }[]): string =>
  list
    .slice(0, SHOWN_NAMES)
    .map(({ name }) => name)
    .join(', ') + (list.length > SHOWN_NAMES ? ', …' : '');

export function TextInput({ onText }: { onText: (text: Written) => void }) {
  const test = testInput.value;
  const texts = useSignal<Texts>(test.kind === 'text' ? test.written.texts : {});
  const numbers = useSignal<Texts>((test.kind === 'text' && test.written.numbers) || {});
  const reading = tokenReading.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onText({ texts: texts.value, numbers: numbers.value, reading, padding: tokenPadding.value });
  };
  return (
    <form class="numbers" onSubmit={submit}>
      <TokenSettings id="text" />
      {writtenInputs.value.map((input) => (
        <div key={input.name}>
          <label>
            {t.input.textFor(input.name, formatShape(input.shape))}
            <textarea
              rows={3}
              spellcheck={false}
              value={texts.value[input.name] ?? ''}
              onInput={(e) => {
                texts.value = { ...texts.value, [input.name]: e.currentTarget.value };
              }}
            />
          </label>
          {input.role === 'ids' && (
            <p class="note" role="status">
              {becomes(input, texts.value[input.name] ?? '', reading)}
            </p>
          )}
        </div>
      ))}
      <Beside
        texts={numbers.value}
        onChange={(next) => {
          numbers.value = next;
        }}
      />
      <button type="submit" class="button plain" disabled={busy.value}>
        {t.input.useText}
      </button>
    </form>
  );
}
