// NumPy files as feeds: arrays go to the inputs of their name, else in order; types are brought to what the input declares.
import type { Feeds, Tensor } from '../engine/types';
import { t } from '../i18n';
import { parseNpy } from '../inputs/npy';
import { parseNpz } from '../inputs/npz';
import { asNumbers } from '../results/topk';
import { opened } from './app';
import { PageError } from './error';

/** Doubles are NumPy's habit where float32 is meant. */
function fitted(tensor: Tensor, type: string, name: string): Tensor {
  if (tensor.type === type || type !== 'float32') return tensor;
  const values = asNumbers(tensor);
  if (!values) throw new PageError(t.app.errors.badNpy, name, t.app.errors.badNpyHint);
  return { type: 'float32', dims: tensor.dims, data: values };
}

export async function readArrays(file: File): Promise<Feeds> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const arrays = /\.npz$/i.test(file.name) ? parseNpz(bytes, file.name) : { '': parseNpy(bytes, file.name) };
  const inOrder = Object.values(arrays);
  const inputs = opened.value?.model.summary.inputs ?? [];
  return Object.fromEntries(
    inputs.map(({ name, type }, i) => {
      const tensor = arrays[name] ?? inOrder[i];
      if (!tensor) throw new PageError(t.app.errors.missingInput(name), file.name, t.input.fileHelp);
      return [name, fitted(tensor, type, name)];
    }),
  );
}
