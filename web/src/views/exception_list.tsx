// The exceptions of a step as its form shows them: by name, each with its fields; new ones are added by name.
import { useState } from 'preact/hooks';
import type { ParamSpec } from '../engine/types';
import { t } from '../i18n';
import { opened } from '../state/app';
import { type Exception, withException } from '../state/overrides';
import { ExceptionFields } from './overrides';

interface Props {
  id: string;
  pass: string;
  spec: ParamSpec;
  value: unknown;
  onChange: (value: unknown) => void;
}

function places(): string[] {
  const graph = opened.value?.graph;
  const nodes = graph?.nodes.flatMap(({ name, outputs }) => [name, ...outputs.filter((o) => o !== null)]) ?? [];
  return [...new Set(nodes.filter((name) => name !== ''))];
}

export function ExceptionList({ id, pass, spec, value, onChange }: Props) {
  const [name, setName] = useState('');
  const list = Array.isArray(value) ? (value as Exception[]) : [];
  const add = () => {
    if (name.trim() === '' || list.some(({ where }) => where === name)) return;
    onChange([...list, { where: name, keep_float: true }]);
    setName('');
  };
  return (
    <div class="exceptions" id={id}>
      {list.map((exception) => (
        <details key={exception.where}>
          <summary>
            <code>{exception.where}</code>
          </summary>
          <ExceptionFields
            prefix={`${id}-${exception.where}`}
            pass={`${pass}.${spec.name}`}
            fields={spec.fields ?? []}
            exception={exception}
            onChange={(change) => onChange(withException(list, exception.where, change))}
          />
          <button
            type="button"
            class="button quiet"
            onClick={() => onChange(list.filter(({ where }) => where !== exception.where))}
          >
            {t.recipe.remove(exception.where)}
          </button>
        </details>
      ))}
      <div class="row">
        <input
          type="search"
          list={`${id}-places`}
          aria-label={t.recipe.exceptionName}
          placeholder={t.recipe.exceptionName}
          value={name}
          onInput={(e) => setName(e.currentTarget.value)}
        />
        <datalist id={`${id}-places`}>
          {places().map((place) => (
            <option key={place} value={place} />
          ))}
        </datalist>
        <button type="button" class="button plain" disabled={name.trim() === ''} onClick={add}>
          {t.recipe.exceptionAdd}
        </button>
      </div>
    </div>
  );
}
