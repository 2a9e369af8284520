// One step of the recipe: on or off, its place, its form, and what it did to size, error and time.
import { useRef, useState } from 'preact/hooks';
import type { PassSpec, StepReport } from '../engine/types';
import { formatBytes, formatDb, formatMs } from '../format';
import { t } from '../i18n';
import { passText } from '../i18n/engine_text';
import { wantsClasses } from '../inputs/classes';
import { needsData } from '../inputs/needs';
import { editRecipe, findPass, results, steps } from '../state/app';
import { calibrationClasses, calibrationFrom } from '../state/inputs';
import type { Step } from '../state/recipe';
import { announce } from '../state/task';
import { ParamForm } from './param_form';
import { StepFindings } from './step_report';

/** Parameters shown at once; the rest wait behind a fold. */
const FIRST = 4;

function Effect({ step, label }: { step: Step; label: string }) {
  const done = results.value?.stepResults.find((r) => r.stepId === step.id);
  if (!done) return null;
  const counts = done.report.counts as { quantizedNodes?: number; floatNodes?: number } | undefined;
  const { quantizedNodes, floatNodes = 0 } = counts ?? {};
  return (
    <>
      <p class="effect">
        <span title={t.recipe.stepSize}>{formatBytes(done.bytes)}</span>
        {done.sqnr !== undefined && <span title={t.recipe.stepError}>{formatDb(done.sqnr, t.compare.equal)}</span>}
        {done.ms !== undefined && <span title={t.recipe.stepTime}>{formatMs(done.ms)}</span>}
      </p>
      {quantizedNodes !== undefined && (
        <p class="note">{t.recipe.quantizedOf(quantizedNodes, quantizedNodes + floatNodes)}</p>
      )}
      <StepFindings report={done.report} name={label} />
      <Warnings report={done.report} />
    </>
  );
}

/** Says so where the step needs something that is not there. */
function Needs({ step, pass }: { step: Step; pass: PassSpec }) {
  const missing = step.on && needsData(pass, step.params) && calibrationFrom.value === 'random';
  return missing ? <p class="note">{t.recipe.needsData}</p> : null;
}

/** Says where the classes come from that nobody typed. */
function Classes({ step, pass }: { step: Step; pass: PassSpec }) {
  const known = calibrationClasses.value.length > 0 && wantsClasses(step.params, pass);
  return known ? <p class="note">{t.recipe.classesFromData}</p> : null;
}

function Warnings({ report }: { report: StepReport }) {
  const warnings = report.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <details class="warnings">
      <summary>{t.recipe.stepWarnings(warnings.length)}</summary>
      <ul>
        {warnings.map((w) => (
          <li key={w.where + w.message}>
            {w.message} <code>{w.where}</code> {w.hint}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Form({ step, pass }: { step: Step; pass: PassSpec }) {
  const set = (name: string, value: unknown) => editRecipe({ type: 'set', id: step.id, params: { [name]: value } });
  const prefix = `step-${step.id}`;
  const rest = pass.params.slice(FIRST);
  return (
    <>
      <p class="note">{passText(pass).help}</p>
      <Classes step={step} pass={pass} />
      <ParamForm prefix={prefix} pass={pass.name} specs={pass.params.slice(0, FIRST)} step={step} onChange={set} />
      {rest.length > 0 && (
        <details>
          <summary>{t.recipe.more(rest.length)}</summary>
          <ParamForm prefix={prefix} pass={pass.name} specs={rest} step={step} onChange={set} />
        </details>
      )}
      {Object.keys(step.params).length > 0 && (
        <button type="button" class="button quiet" onClick={() => editRecipe({ type: 'reset', id: step.id })}>
          {t.recipe.reset}
        </button>
      )}
    </>
  );
}

function Movers({ step, index, last, label }: { step: Step; index: number; last: boolean; label: string }) {
  const list = useRef<HTMLSpanElement>(null);
  const move = (by: number) => {
    editRecipe({ type: 'move', id: step.id, by });
    announce(t.recipe.moved(label, index + by + 1));
    // The button keeps the focus where it goes on to work; at an end the other one takes it.
    const atEnd = index + by === 0 || index + by === steps.value.length - 1;
    if (atEnd) requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('button:enabled')?.focus());
  };
  return (
    <span class="movers" ref={list}>
      <button type="button" aria-label={t.recipe.up(label)} disabled={index === 0} onClick={() => move(-1)}>
        ↑
      </button>
      <button type="button" aria-label={t.recipe.down(label)} disabled={last} onClick={() => move(1)}>
        ↓
      </button>
      <button
        type="button"
        aria-label={t.recipe.remove(label)}
        onClick={() => editRecipe({ type: 'remove', id: step.id })}
      >
        ×
      </button>
    </span>
  );
}

export function StepCard({ step, index, last }: { step: Step; index: number; last: boolean }) {
  const [open, setOpen] = useState(false);
  const pass = findPass(step.pass);
  const label = pass ? passText(pass).label : step.pass;
  const edited = Object.keys(step.params).length;
  return (
    <li class={step.on ? 'step' : 'step off'}>
      <div class="step-head">
        <input
          type="checkbox"
          aria-label={t.recipe.on(label)}
          checked={step.on}
          onChange={() => editRecipe({ type: 'toggle', id: step.id })}
        />
        <button type="button" class="step-name" aria-expanded={open} onClick={() => setOpen(!open)}>
          <b>{label}</b>
          {edited > 0 && <span class="mark">{t.recipe.changed}</span>}
        </button>
        <Movers step={step} index={index} last={last} label={label} />
      </div>
      <Effect step={step} label={label} />
      {pass && <Needs step={step} pass={pass} />}
      {open && pass && <Form step={step} pass={pass} />}
    </li>
  );
}
