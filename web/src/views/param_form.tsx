// A form from ParamSpecs: a pass's parameters, one control per kind. A new pass needs nothing here.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ParamSpec, RecipeStep } from '../engine/types';
import { t } from '../i18n';
import { opened, paramValue } from '../state/app';

interface ControlProps {
  id: string;
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

function ListControl({ id, spec, value, onChange }: ControlProps) {
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  const choices = listChoices(spec);
  if (choices.length === 0) return <NamesControl id={id} spec={spec} value={chosen} onChange={onChange} />;
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((c) => c !== name) : [...chosen, name]);
  return (
    <details class="list" id={id}>
      <summary>{t.chosen(chosen.length)}</summary>
      {choices.map((name) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {name}
        </label>
      ))}
    </details>
  );
}

const SHOWN = 40;

/** Node names: too many for a plain list, so a filter comes first. */
function NamesControl({ id, value, onChange }: ControlProps) {
  const chosen = value as string[];
  const [filter, setFilter] = useState('');
  const [names, setNames] = useState<string[]>([]);
  const load = async () => {
    const graph = await opened.value?.model.graph();
    setNames(graph?.nodes.map((n) => n.name).filter((n) => n !== '') ?? []);
  };
  const matching = names.filter((n) => n.toLowerCase().includes(filter.toLowerCase()));
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((c) => c !== name) : [...chosen, name]);
  return (
    <details class="list" id={id} onToggle={(e) => e.currentTarget.open && names.length === 0 && void load()}>
      <summary>{t.chosen(chosen.length)}</summary>
      <input
        type="search"
        placeholder={t.filterNodes}
        aria-label={t.filterNodes}
        value={filter}
        onInput={(e) => setFilter(e.currentTarget.value)}
      />
      {matching.slice(0, SHOWN).map((name) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} /> {name}
        </label>
      ))}
      {matching.length > SHOWN && <p class="note">{t.moreNodes(matching.length - SHOWN)}</p>}
    </details>
  );
}

function TextControl({ id, value, onChange }: ControlProps) {
  return (
    <input
      id={id}
      type="text"
      value={String(value ?? '')}
      aria-describedby={help(id)}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

/** A list of objects as its JSON text; text that is not JSON stays until it is. */
function ObjectsControl({ id, value, onChange }: ControlProps) {
  const change = (field: HTMLTextAreaElement) => {
    try {
      onChange(JSON.parse(field.value || '[]'));
      field.setCustomValidity('');
    } catch (error) {
      field.setCustomValidity(String(error));
    }
  };
  return (
    <textarea
      id={id}
      rows={2}
      spellcheck={false}
      value={JSON.stringify(value ?? [])}
      aria-describedby={help(id)}
      onChange={(e) => change(e.currentTarget)}
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
  objectList: ObjectsControl,
};

interface FormProps {
  prefix: string;
  specs: readonly ParamSpec[];
  step: RecipeStep;
  onChange: (name: string, value: unknown) => void;
}

export function ParamForm({ prefix, specs, step, onChange }: FormProps) {
  return (
    <div class="params">
      {specs.map((spec) => {
        const id = `${prefix}-${spec.name}`;
        const Control = CONTROLS[spec.kind];
        return (
          <div class={`param ${spec.kind}`} key={spec.name}>
            <label for={id}>{spec.label}</label>
            <Control id={id} spec={spec} value={paramValue(step, spec)} onChange={(v) => onChange(spec.name, v)} />
            <p class="note" id={help(id)}>
              {spec.help}
            </p>
          </div>
        );
      })}
    </div>
  );
}
