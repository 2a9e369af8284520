// The test input, by kind: a sample, a picture, a drawing, numbers, a NumPy file, random numbers.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { formatInteger, formatShape } from '../format';
import { t } from '../i18n';
import { elements } from '../inputs/arrays';
import type { FreeLength } from '../inputs/free_lengths';
import { isImageFile } from '../inputs/images';
import { dimsOf } from '../inputs/lengths';
import { canRandomizeAll } from '../inputs/model_inputs';
import { canType } from '../inputs/numbers';
import type { Written } from '../inputs/tokens';
import { labelOf } from '../results/labels';
import { busy, imageSpec, labels } from '../state/app';
import { rerun } from '../state/compress';
import {
  dataset,
  fileFeeds,
  sampleSets,
  setTest,
  setTestItem,
  type TestInput,
  testInput,
  testUrl,
} from '../state/inputs';
import { inputsOfModel, lengths } from '../state/model_inputs';
import { showError } from '../state/task';
import { textFeeds } from '../state/tokens';
import { Camera } from './camera';
import { DrawingPad } from './drawing_pad';
import { FilePicker } from './file_picker';
import { LengthFields } from './length_fields';
import { Segments } from './select';
import { TextInput } from './text_input';

type Kind = TestInput['kind'];

/** The kind that is looked at; null: the one in use. */
const shownKind = signal<Kind | null>(null);

/** A form of so many numbers is one that a person fills in. */
const MOST_NUMBERS = 4096;

function possible(): Partial<Record<Kind, string>> {
  const inputs = inputsOfModel.value;
  const spec = imageSpec.value;
  const sizes = inputs.all.map((input) => elements(dimsOf(input, lengths.value)));
  const typed = inputs.all.every(({ type }) => canType(type)) && sizes.every((n) => n <= MOST_NUMBERS);
  return {
    ...((sampleSets.value || dataset.value) && { sample: t.input.kind.sample }),
    ...(spec && { image: t.input.kind.image, draw: t.input.kind.draw }),
    ...(inputs.tokens.length > 0 && { text: t.input.kind.text }),
    ...(typed && !spec && { numbers: t.input.kind.numbers }),
    file: t.input.kind.file,
    ...(canRandomizeAll(inputs) && { random: t.input.kind.random }),
  };
}

const setAndRun = async (test: TestInput) => {
  await setTest(test);
  await rerun();
};

async function takePicture(files: readonly File[]): Promise<void> {
  const picture = files.find(isImageFile);
  if (picture) await setAndRun({ kind: 'image', picture, name: picture.name });
}

/** Text that is no tokens leaves the input as it was. */
async function takeText(written: Written): Promise<void> {
  try {
    textFeeds(written);
  } catch (error) {
    return showError(error);
  }
  await setAndRun({ kind: 'text', written });
}

/** Pictures from the clipboard, wherever the focus is. */
function usePaste(): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.some(isImageFile)) void takePicture(files);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, []);
}

function PictureKind() {
  return (
    <>
      <div class="row">
        <FilePicker
          label={t.input.picture}
          accept="image/*"
          disabled={busy.value}
          onFiles={(f) => void takePicture(f)}
        />
        <Camera onPicture={(picture) => void setAndRun({ kind: 'image', picture, name: t.input.camera })} />
      </div>
      <p class="note">{t.input.paste}</p>
    </>
  );
}

function SampleKind() {
  const data = dataset.value?.data ?? sampleSets.value?.test.data;
  const test = testInput.value;
  if (!data) return null;
  const next = async () => {
    await setTestItem(data, test.kind === 'sample' ? test.index + 1 : data.length >> 1);
    await rerun();
  };
  return (
    <>
      {test.kind === 'sample' && test.label !== null && (
        <p>
          {t.input.sampleName(formatInteger(test.index), data.classes[test.label] ?? labelOf(labels.value, test.label))}
        </p>
      )}
      <button type="button" class="button plain" disabled={busy.value} onClick={() => void next()}>
        {t.input.sampleNext}
      </button>
    </>
  );
}

function NumbersKind() {
  const inputs = inputsOfModel.value.all;
  const test = testInput.value;
  const text = test.kind === 'numbers' ? test.text : {};
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const typed = Object.fromEntries(inputs.map(({ name }) => [name, String(data.get(name) ?? '')]));
    void setAndRun({ kind: 'numbers', text: typed });
  };
  return (
    <form class="numbers" onSubmit={submit}>
      {inputs.map((input) => (
        <label key={input.name}>
          {t.input.numbersFor(input.name, formatShape(dimsOf(input, lengths.value)))}
          <textarea name={input.name} rows={2} spellcheck={false}>
            {text[input.name] ?? ''}
          </textarea>
        </label>
      ))}
      <button type="submit" class="button plain" disabled={busy.value}>
        {t.input.useNumbers}
      </button>
    </form>
  );
}

function FileKind() {
  const take = async (files: readonly File[]) => {
    try {
      const [file] = files;
      if (file) await setAndRun({ kind: 'file', name: file.name, feeds: await fileFeeds(file) });
    } catch (error) {
      showError(error);
    }
  };
  const test = testInput.value;
  return (
    <>
      <div class="row">
        <FilePicker label={t.input.filePick} accept=".npy,.npz" disabled={busy.value} onFiles={(f) => void take(f)} />
        {test.kind === 'file' && <code class="file-name">{test.name}</code>}
      </div>
      <p class="note">{t.input.fileHelp}</p>
    </>
  );
}

function RandomKind() {
  const test = testInput.value;
  const seed = test.kind === 'random' ? test.seed : 1;
  return (
    <>
      <p class="note">{t.input.randomName(formatInteger(seed))}</p>
      <button
        type="button"
        class="button plain"
        disabled={busy.value}
        onClick={() => void setAndRun({ kind: 'random', seed: seed + 1 })}
      >
        {t.input.randomAgain}
      </button>
    </>
  );
}

/** What is fed in may say itself how long it is. */
const DECIDED: Partial<Record<Kind, (free: FreeLength) => boolean>> = {
  text: ({ role }) => role === 'tokens',
  file: () => true,
  sample: ({ role }) => role !== 'height' && role !== 'width',
};
const undecided = () => false;

const BODIES: Record<Kind, () => preact.JSX.Element | null> = {
  sample: SampleKind,
  image: PictureKind,
  draw: () => <DrawingPad onDrawing={(pixels) => setAndRun({ kind: 'draw', pixels })} />,
  text: () => <TextInput onText={(written) => void takeText(written)} />,
  numbers: NumbersKind,
  file: FileKind,
  random: RandomKind,
};

export function TestInputPanel() {
  usePaste();
  const names = possible() as Record<Kind, string>;
  const [first] = Object.keys(names) as Kind[];
  const kind = [shownKind.value, testInput.value.kind, first].find((wanted) => wanted && wanted in names);
  const Body = kind ? BODIES[kind] : () => null;
  return (
    <div class="test-input">
      {testUrl.value && kind !== 'draw' && <img src={testUrl.value} alt={t.input.title} />}
      <div class="test-body">
        {kind && (
          <Segments<Kind>
            id="test-kind"
            label={t.input.kinds}
            value={kind}
            names={names}
            onChange={(next) => {
              shownKind.value = next;
            }}
          />
        )}
        <Body />
        <LengthFields decided={(kind && DECIDED[kind]) || undecided} />
      </div>
    </div>
  );
}
