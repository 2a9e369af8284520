// A folder (or a handful) of files as one data set, the same in the page and on the command line:
//   pictures                 an item each; in subfolders: labelled by the subfolder
//   .idx, CIFAR's .bin, .npy items along the first axis; labels from the file beside it (`labels` or `y` in its name)
//   .npz                     with x and y: items and labels; otherwise an item of a whole model, an array for each input
//   classes.txt, labels.txt  names of classes, a line each
// All may be gzipped. Pictures are left closed until they are used; arrays are read at once.

import { fail } from '../engine/error';
import type { Tensor } from '../engine/types';
import { itemOf, labelsOf } from './arrays';
import { isCifar, parseCifar } from './cifar';
import { ungzip } from './gzip';
import { isIdx, parseIdx } from './idx';
import { isNpy, parseNpy } from './npy';
import { parseNpz } from './npz';

/** A file that can be read later. */
export interface NamedFile {
  /** With folders, separated by `/`. */
  path: string;
  bytes(): Promise<Uint8Array>;
}

export type DataItem =
  | { kind: 'picture'; file: NamedFile }
  /** Without the axis of the batch. */
  | { kind: 'array'; tensor: Tensor }
  /** With it: one array for each input, by name. */
  | { kind: 'feeds'; feeds: Record<string, Tensor> };

export interface DataSet {
  length: number;
  /** A class for each item, or null. */
  labels: readonly number[] | null;
  /** Names by class number; empty where there are only numbers. */
  classes: readonly string[];
  item(index: number): DataItem;
  /** Paths of files that are none of the kinds above. */
  skipped: readonly string[];
}

interface Part {
  items: DataItem[];
  labels: number[] | null;
}

const isPicture = (path: string) => /\.(jpe?g|png|webp|gif|bmp|avif)$/i.test(path);
const isClassList = (path: string) => /(^|\/)(classes|labels|names)\.txt$/i.test(path);
const namesLabels = (name: string) => /label|target|(^|[^a-z])y([^a-z]|$)/i.test(name);
const folderOf = (path: string) => path.split('/').at(-2) ?? '';
const nameOf = (path: string) => path.split('/').at(-1) ?? path;

/** In the order of people: 2 before 10. */
const inOrder = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/** The first axis are the items, unless there is only one number. */
const arrayItems = (tensor: Tensor): DataItem[] =>
  Array.from({ length: tensor.dims[0] ?? 0 }, (_, i) => ({ kind: 'array', tensor: itemOf(tensor, i) }));

function fromNpz(arrays: Record<string, Tensor>): Part {
  const names = Object.keys(arrays);
  const labelName = names.find((name) => namesLabels(name));
  const labels = labelName === undefined ? null : labelsOf(arrays[labelName] as Tensor);
  const others = names.filter((name) => name !== labelName);
  const only = arrays[others[0] ?? ''];
  if (labels === null || others.length !== 1 || only?.dims[0] !== labels.length) {
    return { items: [{ kind: 'feeds', feeds: arrays }], labels: null };
  }
  return { items: arrayItems(only), labels };
}

/** Arrays and labels of a file in one of the formats; null: it is none. */
async function readPart(file: NamedFile): Promise<Part | { labelsOnly: number[] } | null> {
  const { path } = file;
  if (!/\.(npy|npz|bin|idx)(\.gz)?$|idx\d-ubyte(\.gz)?$/i.test(path)) return null;
  const bytes = await ungzip(await file.bytes(), path);
  if (/\.npz(\.gz)?$/i.test(path)) return fromNpz(await parseNpz(bytes, path));
  if (!isNpy(bytes) && !isIdx(bytes)) {
    if (!isCifar(bytes)) return null;
    const { pictures, labels } = parseCifar(bytes, path);
    return { items: arrayItems(pictures), labels };
  }
  const tensor = isNpy(bytes) ? parseNpy(bytes, path) : parseIdx(bytes, path);
  const labels = namesLabels(nameOf(path)) || (isIdx(bytes) && tensor.dims.length === 1) ? labelsOf(tensor) : null;
  return labels === null ? { items: arrayItems(tensor), labels: null } : { labelsOnly: labels };
}

/** Class numbers by folder: the numbers themselves where all folders are numbers, else their place in the list of names. */
function folderClasses(folders: readonly string[], listed: readonly string[]): Map<string, number> {
  const names = [...new Set(folders)].sort(inOrder);
  if (names.every((name) => /^\d+$/.test(name))) return new Map(names.map((name) => [name, Number(name)]));
  const known = names.every((name) => listed.includes(name)) ? listed : names;
  return new Map(known.map((name, i) => [name, i]));
}

function pictureSet(pictures: readonly NamedFile[], listed: readonly string[]): Omit<DataSet, 'skipped'> {
  const folders = pictures.map(({ path }) => folderOf(path));
  const classOf = folderClasses(folders, listed);
  const labelled = new Set(folders).size > 1;
  const numbered = [...classOf].every(([name, i]) => name === String(i));
  return {
    length: pictures.length,
    labels: labelled ? folders.map((folder) => classOf.get(folder) ?? 0) : null,
    classes: listed.length > 0 || !labelled || numbered ? listed : [...classOf.keys()],
    item: (index) => ({ kind: 'picture', file: pictures[index] as NamedFile }),
  };
}

/** All items with labels, or none with: half a truth would count as a whole one. */
function joinLabels(parts: readonly Part[], apart: readonly number[], items: number): number[] | null {
  if (apart.length > 0) {
    if (apart.length === items) return [...apart];
    throw fail(
      'invalid_input',
      `There are ${items} items, but ${apart.length} labels.`,
      'labels',
      'Give only the files that belong together.',
    );
  }
  return parts.every(({ labels }) => labels !== null) ? parts.flatMap(({ labels }) => labels ?? []) : null;
}

async function classList(file: NamedFile | undefined): Promise<string[]> {
  if (!file) return [];
  const text = new TextDecoder().decode(await file.bytes());
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** Errors: invalid_input, where nothing can be used or a file is broken. */
export async function openDataSet(given: readonly NamedFile[]): Promise<DataSet> {
  const files = [...given].sort((a, b) => inOrder(a.path, b.path));
  const listed = await classList(files.find(({ path }) => isClassList(path)));
  const pictures = files.filter(({ path }) => isPicture(path));
  const rest = files.filter(({ path }) => !isPicture(path) && !isClassList(path));
  if (pictures.length > 0) return { ...pictureSet(pictures, listed), skipped: rest.map(({ path }) => path) };
  const parts: Part[] = [];
  const apart: number[] = [];
  const skipped: string[] = [];
  for (const file of rest) {
    const part = await readPart(file);
    if (part === null) skipped.push(file.path);
    else if ('labelsOnly' in part) for (const label of part.labelsOnly) apart.push(label);
    else parts.push(part);
  }
  const items = parts.flatMap((part) => part.items);
  if (items.length === 0) {
    throw fail(
      'invalid_input',
      'None of these files holds data.',
      files[0]?.path ?? '',
      'Give pictures (PNG, JPEG), .npy, .npz, IDX (MNIST) or CIFAR .bin files.',
    );
  }
  const labels = joinLabels(parts, apart, items.length);
  return { length: items.length, labels, classes: listed, item: (index) => items[index] as DataItem, skipped };
}

/** Items along the first axis of an array, for data that is in memory already. */
export function arrayDataSet(
  tensor: Tensor,
  labels: readonly number[] | null,
  classes: readonly string[] = [],
): DataSet {
  return {
    length: tensor.dims[0] ?? 0,
    labels,
    classes,
    item: (index) => ({ kind: 'array', tensor: itemOf(tensor, index) }),
    skipped: [],
  };
}
