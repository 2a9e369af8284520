// A form from ParamSpecs: a pass's parameters, one control per kind. A new pass needs nothing here.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ParamSpec } from '../engine/types';
import { t } from '../i18n';
import { paramText } from '../i18n/engine_text';
import { opened, paramValue } from '../state/app';
import { ExceptionList } from './exception_list';

interface ControlProps {
  id: string;
  pass: string;
  spec: ParamSpec;
  value: unknown;
  onChange: (value: unknown) => void;
}

const help = (id: string) => `${id}-help`;

function BoolControl({ id, spec, value, onChange }: ControlProps) {
  return (
    <input
      id={id}
      type="checkbox"
      checked={value === true}
      aria-describedby={help(id)}
      onChange={(e) => onChange(e.currentTarget.checked)}
      key={spec.name}
    />
  );
}

function ChoiceControl({ id, spec, value, onChange }: ControlProps) {
  return (
    <select id={id} value={String(value)} aria-describedby={help(id)} onChange={(e) => onChange(e.currentTarget.value)}>
      {spec.choices?.map((c) => (
        <option key={c} value={c}>
          {c}
        </option>
      ))}
    </select>
  );
}

function NumberControl({ id, spec, value, onChange }: ControlProps) {
  const step = spec.kind === 'int' ? 1 : 'any';
  // An emptied field goes back to the default instead of sending NaN.
  const change = (text: string) => onChange(text === '' ? spec.default : Number(text));
  return (
    <input
      id={id}
      type="number"
      step={step}
      min={spec.low}
      max={spec.high}
      value={Number(value)}
      aria-describedby={help(id)}
      onChange={(e) => change(e.currentTarget.value)}
    />
  );
}

/** What a list parameter can hold, from the open model. */
function listChoices(spec: ParamSpec): string[] {
  const open = opened.value;
  if (spec.listOf === 'operators') return open?.model.summary.operators.map((o) => o.op) ?? [];
  return [];
}

function ListControl({ id, pass, spec, value, onChange }: ControlProps) {
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  if (spec.listOf === undefined)
    return <WordsControl id={id} pass={pass} spec={spec} value={chosen} onChange={onChange} />;
  const choices = listChoices(spec);
  if (choices.length === 0) return <NamesControl id={id} pass={pass} spec={spec} value={chosen} onChange={onChange} />;
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((c) => c !== name) : [...chosen, name]);
  return (
    <details class="list" id={id}>
      <summary>{t.recipe.chosen(chosen.length)}</summary>
      {choices.map((name) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {name}
        </label>
      ))}
    </details>
  );
}

/** A list of nothing in the model, such as widths: words with commas between them. */
function WordsControl({ id, value, onChange }: ControlProps) {
  const wordsIn = (text: string) => text.split(/[\s,;]+/).filter((word) => word !== '');
  return (
    <input
      id={id}
      type="text"
      spellcheck={false}
      value={(value as string[]).join(', ')}
      aria-describedby={help(id)}
      onChange={(e) => onChange(wordsIn(e.currentTarget.value))}
    />
  );
}

const SHOWN = 40;

/** Node names: too many for a plain list, so a filter comes first. */
function NamesControl({ id, value, onChange }: ControlProps) {
  const chosen = value as string[];
  const [filter, setFilter] = useState('');
  const names = opened.value?.graph.nodes.map((n) => n.name).filter((n) => n !== '') ?? [];
  const matching = names.filter((n) => n.toLowerCase().includes(filter.toLowerCase()));
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((c) => c !== name) : [...chosen, name]);
  return (
    <details class="list" id={id}>
      <summary>{t.recipe.chosen(chosen.length)}</summary>
      <input
        type="search"
        placeholder={t.recipe.filterNodes}
        aria-label={t.recipe.filterNodes}
        value={filter}
        onInput={(e) => setFilter(e.currentTarget.value)}
      />
      {matching.slice(0, SHOWN).map((name) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {name}
        </label>
      ))}
      {matching.length > SHOWN && <p class="note">{t.recipe.moreNodes(matching.length - SHOWN)}</p>}
    </details>
  );
}

function TextControl({ id, value, onChange }: ControlProps) {
  return (
    <input
      id={id}
      type="text"
      value={typeof value === 'string' ? value : ''}
      aria-describedby={help(id)}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

const CONTROLS: Record<ParamSpec['kind'], (props: ControlProps) => ComponentChildren> = {
  bool: BoolControl,
  choice: ChoiceControl,
  int: NumberControl,
  float: NumberControl,
  string: TextControl,
  stringList: ListControl,
  objectList: ExceptionList,
};

interface FormProps {
  prefix: string;
  pass: string;
  specs: readonly ParamSpec[];
  step: { params: Readonly<Record<string, unknown>> };
  onChange: (name: string, value: unknown) => void;
}

export function ParamForm({ prefix, pass, specs, step, onChange }: FormProps) {
  return (
    <div class="params">
      {specs.map((spec) => {
        const id = `${prefix}-${spec.name}`;
        const Control = CONTROLS[spec.kind];
        const text = paramText(pass, spec);
        return (
          <div class={`param ${spec.kind}`} key={spec.name}>
            <label for={id}>{text.label}</label>
            <Control
              id={id}
              pass={pass}
              spec={spec}
              value={paramValue(step.params, spec)}
              onChange={(v) => onChange(spec.name, v)}
            />
            <p class="note" id={help(id)}>
              {text.help}
            </p>
          </div>
        );
      })}
    </div>
  );
}
