// Names and help of passes and parameters, and the findings of the risk report, in the chosen language. The engine's own
// English is the source; what the table of another language does not know yet is shown in English.
import type { ParamSpec, PassSpec, RecipePreset, Risk } from '../engine/types';
import { riskFacts } from '../results/risks';
import { lang } from './lang';
import { type EngineText, engineZh, sharedZh } from './zh/engine';
import { type RiskText, risksZh } from './zh/engine/risks';

/** "quantize_static" -> "Quantize static". */
const words = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

const translated = (key: string): EngineText | undefined => (lang.value === 'zh' ? engineZh[key] : undefined);

export const passText = (pass: PassSpec): EngineText =>
  translated(pass.name) ?? { label: words(pass.name), help: pass.summary };

/** Parameters that select nodes and operators are the same in all passes. */
const shared = ({ name, kind }: ParamSpec): EngineText | undefined =>
  lang.value === 'zh' && kind === 'stringList' ? sharedZh[name] : undefined;

/** `pass`: the pass's name; of the fields of a list of objects "pass.list". */
export const paramText = (pass: string, spec: ParamSpec): EngineText =>
  translated(`${pass}.${spec.name}`) ?? shared(spec) ?? { label: spec.label, help: spec.help };

export const presetText = (preset: RecipePreset): EngineText =>
  translated(`preset.${preset.name}`) ?? { label: preset.label, help: preset.summary };

/** What was found before quantizing, and why it matters. */
export function riskText(risk: Risk): RiskText {
  const known: Partial<typeof risksZh> = lang.value === 'zh' ? risksZh : {};
  return known[risk.id]?.(riskFacts(risk)) ?? { message: risk.message, hint: risk.hint };
}
