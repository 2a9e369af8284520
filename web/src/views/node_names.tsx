// Names of nodes in a sentence, each of which leads to its layer.
import { useState } from 'preact/hooks';
import { formatInteger } from '../format';
import { breakable } from '../graph/scene';
import { t } from '../i18n';
import { selected } from '../state/app';
import { selectByName } from '../state/layers';
import { view } from '../state/ui';

export function NodeName({ name }: { name: string }) {
  const id = selectByName(name);
  // A layer that preparing made, or one inside of another node, has no place in the graph.
  if (id === null) return <code>{breakable(name)}</code>;
  return (
    <button
      type="button"
      class="link"
      aria-label={t.model.riskNode(name)}
      onClick={() => {
        selected.value = id;
        view.value = 'model';
      }}
    >
      {breakable(name)}
    </button>
  );
}

const FIRST = 20;

/** The first of many, and all when they are asked for. */
export function NodeNames({ names }: { names: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? names : names.slice(0, FIRST);
  return (
    <p class="node-names">
      {shown.map((name) => (
        <NodeName key={name} name={name} />
      ))}
      {names.length > FIRST && (
        <button type="button" class="button quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.model.showFewer : t.model.showAll(formatInteger(names.length))}
        </button>
      )}
    </p>
  );
}
