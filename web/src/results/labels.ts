// Names of classes, where known: a text file that the person dropped, else the 1,000 names of
// ImageNet for a model with that many outputs (loaded only then), else digits for ten of a digit model.

export type Labels = readonly string[];

/** One name per line; blank lines at the end and a leading "n01440764 " WordNet id are dropped. */
export function parseLabels(text: string): Labels {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.replace(/^n\d{8}\s+/, '').trim());
}

const shortName = (name: string) => name.split(',')[0]?.trim() ?? name;

async function imagenet(): Promise<Labels> {
  const { IMAGENET_CLASSES } = await import('@tensorflow-models/mobilenet/dist/imagenet_classes');
  return Array.from({ length: 1000 }, (_, i) => shortName(IMAGENET_CLASSES[i] ?? ''));
}

const DIGITS: Labels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Null: no names known for this many classes. `digits`: the input is a small grey picture. */
export async function knownLabels(classes: number, digits: boolean): Promise<Labels | null> {
  if (classes === 1000) return imagenet();
  if (classes === 1001) return ['background', ...(await imagenet())];
  return classes === 10 && digits ? DIGITS : null;
}

export function labelOf(labels: Labels | null, index: number): string {
  return labels?.[index] || `#${index}`;
}
