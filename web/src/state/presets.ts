// Recipes to begin with, as the engine names them.
import { computed } from '@preact/signals';
import type { Recipe } from '../engine/types';
import { presetText } from '../i18n/engine_text';
import { withInputRange } from '../inputs/preprocess';
import { engine, imageSpec } from './app';

export interface Preset {
  id: string;
  label: string;
  help: string;
  recipe: Recipe;
}

export const presets = computed<readonly Preset[]>(() =>
  (engine.value?.capabilities.presets ?? []).map((preset) => ({
    id: preset.name,
    ...presetText(preset),
    recipe: withInputRange(preset.recipe, imageSpec.value),
  })),
);

export const firstPreset = (): Recipe => presets.value[0]?.recipe ?? [];
