// What the open model takes, and the lengths that its file leaves open: guessed, or as a person set them.
import { computed, signal } from '@preact/signals';
import { dimsOf, type Lengths } from '../inputs/lengths';
import { lengthsFor, type ModelInputs, modelInputs, NO_INPUTS } from '../inputs/model_inputs';
import { resizedSpec } from '../inputs/preprocess';
import { imageSpec, opened } from './app';
import { keepChoices } from './recent';

export const inputsOfModel = computed<ModelInputs>(() => {
  const open = opened.value;
  return open ? modelInputs(open.model.summary, open.graph) : NO_INPUTS;
});

/** Those that a person set. */
export const wantedLengths = signal<Lengths>(new Map());
export const lengths = computed<Lengths>(() => lengthsFor(inputsOfModel.value, wantedLengths.value));

/** Pictures are put into a frame of the lengths. */
function fitPictures(): void {
  const spec = imageSpec.value;
  const input = inputsOfModel.value.all.find(({ name }) => name === spec?.input);
  if (spec && input) imageSpec.value = resizedSpec(spec, dimsOf(input, lengths.value));
}

/** What a person set for the open file stays with it in the list of recent ones. */
export function keepInputs(): void {
  const open = opened.value;
  const file = open && { name: open.fileName, size: open.fileSize };
  if (file) void keepChoices(file, { lengths: wantedLengths.value, image: imageSpec.value });
}

/** Of lengths that the model does not have nothing is taken over. */
export function setLengths(wanted: Lengths): void {
  const known = new Set(inputsOfModel.value.free.map(({ key }) => key));
  wantedLengths.value = new Map([...wanted].filter(([key]) => known.has(key)));
  fitPictures();
}

export function setLength(key: string, length: number): void {
  setLengths(new Map([...wantedLengths.value, [key, length]]));
  keepInputs();
}
