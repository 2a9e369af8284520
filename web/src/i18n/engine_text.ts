// Names and help of passes and parameters in the chosen language. The engine's own English is the source; a pass that
// the table of another language does not know yet is shown in English.
import type { ParamSpec, PassSpec, RecipePreset } from '../engine/types';
import { lang } from './lang';
import { type EngineText, engineZh, sharedZh } from './zh/engine';

/** "quantize_static" -> "Quantize static". */
const words = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

const translated = (key: string): EngineText | undefined => (lang.value === 'zh' ? engineZh[key] : undefined);

export const passText = (pass: PassSpec): EngineText =>
  translated(pass.name) ?? { label: words(pass.name), help: pass.summary };

export const paramText = (pass: string, spec: ParamSpec): EngineText =>
  translated(`${pass}.${spec.name}`) ??
  (lang.value === 'zh' ? sharedZh[spec.name] : undefined) ?? { label: spec.label, help: spec.help };

export const presetText = (preset: RecipePreset): EngineText =>
  translated(`preset.${preset.name}`) ?? { label: preset.label, help: preset.summary };
