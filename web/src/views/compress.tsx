// The compression panel: the recipe's steps, each a form from its pass's ParamSpecs, and the button that runs it.
import type { RecipeStep } from '../engine/types';
import { t } from '../i18n';
import { addStep, compress, removeStep, resetStep, setParam } from '../state/actions';
import { busy, canRun, findPass, passes, recipe } from '../state/app';
import { ParamForm } from './param_form';

/** Parameters shown at once; the rest wait under "more options". */
const FIRST = 4;

function Step({ step, index }: { step: RecipeStep; index: number }) {
  const pass = findPass(step.pass);
  if (!pass) return null;
  const change = (name: string, value: unknown) => setParam(index, name, value);
  const edited = Object.keys(step).length > 1;
  const prefix = `step-${index}`;
  return (
    <li class="step">
      <div class="step-head">
        <h3>
          <code>{pass.name}</code>
        </h3>
        {edited && (
          <button type="button" class="button quiet" onClick={() => resetStep(index)}>
            {t.reset}
          </button>
        )}
        {recipe.value.length > 1 && (
          <button
            type="button"
            class="button quiet"
            aria-label={t.removeStep(pass.name)}
            onClick={() => removeStep(index)}
          >
            ×
          </button>
        )}
      </div>
      <p class="note">{pass.summary}</p>
      <ParamForm prefix={prefix} specs={pass.params.slice(0, FIRST)} step={step} onChange={change} />
      {pass.params.length > FIRST && (
        <details>
          <summary>{t.moreOptions}</summary>
          <ParamForm prefix={prefix} specs={pass.params.slice(FIRST)} step={step} onChange={change} />
        </details>
      )}
    </li>
  );
}

function AddStep() {
  const add = (select: HTMLSelectElement) => {
    addStep(select.value);
    select.value = '';
  };
  return (
    <select class="add-step" aria-label={t.addStep} value="" onChange={(e) => add(e.currentTarget)}>
      <option value="" disabled>
        {t.addStep} …
      </option>
      {passes.value.map((p) => (
        <option key={p.name} value={p.name} title={p.summary}>
          {p.name}
        </option>
      ))}
    </select>
  );
}

export function CompressCard() {
  if (!canRun.value) return null;
  return (
    <section class="card" aria-labelledby="compress-title">
      <h2 id="compress-title">{t.stepCompress}</h2>
      <ol class="steps">
        {recipe.value.map((step, i) => (
          <Step key={`${i}-${step.pass}`} step={step} index={i} />
        ))}
      </ol>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={busy.value || recipe.value.length === 0}
          onClick={() => void compress()}
        >
          {t.compress}
        </button>
        <AddStep />
      </div>
    </section>
  );
}
