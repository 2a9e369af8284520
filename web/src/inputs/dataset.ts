// A labelled data set, read one example at a time: pictures or ready feeds, each with its class.
import { fail } from '../engine/error';
import type { Feeds, LabelledFeeds } from '../engine/types';
import { imageFeeds } from './images';
import type { Picture } from './picture';
import type { ImageSpec } from './preprocess';

export interface Example {
  label: number;
  /** One of both. */
  picture?: Picture;
  feeds?: Feeds;
}

export interface Dataset {
  name: string;
  length: number;
  classes: readonly string[];
  at(index: number): Promise<Example>;
}

/** What a model is fed for one example. Errors: invalid_input where it is a picture and the model takes none. */
export async function exampleFeeds(example: Example, spec: ImageSpec | null): Promise<Feeds> {
  if (example.feeds) return example.feeds;
  if (example.picture && spec) return imageFeeds(example.picture, spec);
  throw fail('invalid_input', 'These examples are pictures, but the model does not take one.');
}

/** Examples from `start` on, `count` of them or as many as there are; each is made when it is asked for. */
export function slice(
  data: Dataset,
  spec: ImageSpec | null,
  start: number,
  count: number,
): AsyncIterable<LabelledFeeds> & { length: number } {
  const end = Math.min(data.length, start + count);
  return {
    length: Math.max(0, end - start),
    async *[Symbol.asyncIterator]() {
      for (let i = start; i < end; ++i) {
        const example = await data.at(i);
        yield { feeds: await exampleFeeds(example, spec), labels: [example.label] };
      }
    },
  };
}
