// A layer set by hand: kept float by every step of the recipe that quantizes nodes by name.
import type { GraphNode } from '../engine/types';
import { t } from '../i18n';
import { editRecipe, findPass, steps } from '../state/app';

const PARAM = 'exclude_nodes';

const takesNames = (pass: string) =>
  findPass(pass)?.params.some((spec) => spec.name === PARAM && spec.kind === 'stringList') === true;

const excluded = (params: Readonly<Record<string, unknown>>): string[] =>
  Array.isArray(params[PARAM]) ? (params[PARAM] as string[]) : [];

export function Overrides({ node }: { node: GraphNode }) {
  const quantizing = steps.value.filter((step) => step.on && takesNames(step.pass));
  if (quantizing.length === 0 || node.name === '') return null;
  const isFloat = quantizing.every((step) => excluded(step.params).includes(node.name));
  const set = (keep: boolean) => {
    for (const step of quantizing) {
      const others = excluded(step.params).filter((name) => name !== node.name);
      editRecipe({ type: 'set', id: step.id, params: { [PARAM]: keep ? [...others, node.name] : others } });
    }
  };
  return (
    <label class="check">
      <input type="checkbox" checked={isFloat} onChange={(e) => set(e.currentTarget.checked)} />
      {t.recipe.keepFloat}
    </label>
  );
}
