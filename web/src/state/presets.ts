// Recipes to begin with: the engine's own where it names some, else a few for the pass that every engine has.
import { computed } from '@preact/signals';
import type { Recipe, RecipePreset } from '../engine/types';
import { t } from '../i18n';
import { presetText } from '../i18n/engine_text';
import { engine } from './app';

export interface Preset {
  id: string;
  label: string;
  help: string;
  recipe: Recipe;
}

const BUILTIN: Record<string, Recipe> = {
  int8: [{ pass: 'quantize_static' }],
  tensor: [{ pass: 'quantize_static', per_channel: false }],
  symmetric: [{ pass: 'quantize_static', activation_type: 'int8', activation_symmetric: true }],
};

const fromEngine = (preset: RecipePreset): Preset => {
  const { label, help } = presetText(preset);
  return { id: preset.name, label, help, recipe: preset.recipe };
};

export const presets = computed<readonly Preset[]>(() => {
  const given = engine.value?.capabilities.presets ?? [];
  if (given.length > 0) return given.map(fromEngine);
  return Object.entries(BUILTIN).map(([id, recipe]) => {
    const text = t.recipe.builtin[id];
    return { id, label: text?.label ?? id, help: text?.summary ?? '', recipe };
  });
});

export const firstPreset = (): Recipe => presets.value[0]?.recipe ?? [];
