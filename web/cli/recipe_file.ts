// A recipe out of a file: a list of steps, or a file of the page or of --report that holds one.

import { readFile } from 'node:fs/promises';
import { fail } from '../src/engine/error';
import type { Recipe } from '../src/engine/types';

export async function readRecipe(path: string): Promise<Recipe> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw fail('invalid_recipe', `This is no JSON: ${error.message}.`, path);
    throw error;
  }
  const steps = Array.isArray(content) ? content : (content as { recipe?: unknown } | null)?.recipe;
  if (!Array.isArray(steps))
    throw fail('invalid_recipe', 'A recipe is a list of steps.', path, 'For example [{"pass": "quantize_static"}].');
  return steps as Recipe;
}
