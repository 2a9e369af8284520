// The recipe: presets, the list of steps, undo and redo, calibration data, and the button that runs it.
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { passText } from '../i18n/engine_text';
import { busy, canRun, editRecipe, passes, recipe, recipeState, results, stale, steps } from '../state/app';
import { compress } from '../state/compress';
import { presets } from '../state/presets';
import { Calibration } from './calibration';
import { StepCard } from './step_card';

function Presets() {
  const current = JSON.stringify(recipe.value);
  return (
    <fieldset class="presets">
      <legend>{t.recipe.presets}</legend>
      {presets.value.map((preset) => (
        <button
          key={preset.id}
          type="button"
          class="preset"
          title={preset.help}
          aria-pressed={JSON.stringify(preset.recipe) === current}
          onClick={() => editRecipe({ type: 'replace', recipe: preset.recipe })}
        >
          <b>{preset.label}</b>
          <span class="note">{preset.help}</span>
        </button>
      ))}
    </fieldset>
  );
}

function AddStep() {
  const add = (select: HTMLSelectElement) => {
    editRecipe({ type: 'add', pass: select.value });
    select.value = '';
  };
  return (
    <select class="add-step" aria-label={t.recipe.add} value="" onChange={(e) => add(e.currentTarget)}>
      <option value="" disabled>
        {t.recipe.add} …
      </option>
      {passes.value.map((pass) => (
        <option key={pass.name} value={pass.name} title={passText(pass).help}>
          {passText(pass).label}
        </option>
      ))}
    </select>
  );
}

/** Ctrl or Command with Z anywhere outside of a text field. */
function useUndoKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inText = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (inText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
      event.preventDefault();
      editRecipe({ type: event.shiftKey ? 'redo' : 'undo' });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function Undo() {
  const { past, future } = recipeState.value;
  return (
    <>
      <button
        type="button"
        class="button quiet"
        disabled={past.length === 0}
        onClick={() => editRecipe({ type: 'undo' })}
      >
        {t.recipe.undo}
      </button>
      <button
        type="button"
        class="button quiet"
        disabled={future.length === 0}
        onClick={() => editRecipe({ type: 'redo' })}
      >
        {t.recipe.redo}
      </button>
    </>
  );
}

function Steps() {
  return (
    <section aria-labelledby="steps-title" class="steps-box">
      <div class="row spread">
        <h2 id="steps-title">{t.recipe.steps}</h2>
        <span class="row tight">
          <Undo />
        </span>
      </div>
      {steps.value.length === 0 && <p class="note">{t.recipe.empty}</p>}
      <ol class="steps">
        {steps.value.map((step, i) => (
          <StepCard key={step.id} step={step} index={i} last={i === steps.value.length - 1} />
        ))}
      </ol>
      <AddStep />
    </section>
  );
}

function Run() {
  const isStale = stale.value;
  return (
    <div class="run">
      {isStale && <p class="note">{t.recipe.stale}</p>}
      <button
        type="button"
        class="button primary wide"
        disabled={busy.value || recipe.value.length === 0}
        onClick={() => void compress()}
      >
        {busy.value ? t.recipe.running : t.recipe.run}
      </button>
    </div>
  );
}

export function RecipeRail() {
  useUndoKeys();
  if (!canRun.value)
    return (
      <div class="recipe">
        <p class="note">{t.model.unsupportedBody}</p>
      </div>
    );
  return (
    <div class="recipe" data-fresh={results.value !== null && !stale.value}>
      <Presets />
      <Steps />
      <Calibration />
      <Run />
    </div>
  );
}
