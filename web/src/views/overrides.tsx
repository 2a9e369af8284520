// One layer set by hand: the fields of an exception, each "as the recipe has it" until it is chosen.
import type { GraphNode, ParamSpec } from '../engine/types';
import { t } from '../i18n';
import { paramText } from '../i18n/engine_text';
import { type Exception, exceptionAt, exceptionStep, setException } from '../state/overrides';

interface FieldProps {
  id: string;
  pass: string;
  spec: ParamSpec;
  value: unknown;
  onChange: (value: unknown) => void;
}

const NOT_HERE = new Set(['where', 'low', 'high']);

function Field({ id, pass, spec, value, onChange }: FieldProps) {
  const { label, help } = paramText(pass, spec);
  const choices = spec.kind === 'bool' ? ['true', 'false'] : spec.kind === 'choice' ? spec.choices : null;
  const read = (text: string) =>
    text === '' ? undefined : spec.kind === 'bool' ? text === 'true' : spec.kind === 'choice' ? text : Number(text);
  const shown = value === undefined ? '' : String(value);
  const names: Record<string, string> = { true: t.app.yes, false: t.app.no };
  return (
    <div class="param" title={help}>
      <label for={id}>{label}</label>
      {choices ? (
        <select id={id} value={shown} onChange={(e) => onChange(read(e.currentTarget.value))}>
          <option value="">{t.recipe.asRecipe}</option>
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {names[choice] ?? choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type="number"
          min={spec.low}
          max={spec.high}
          step={spec.kind === 'int' ? 1 : 'any'}
          placeholder={t.recipe.asRecipe}
          value={shown}
          onChange={(e) => onChange(read(e.currentTarget.value))}
        />
      )}
    </div>
  );
}

/** Fields of one exception; `skip` are set elsewhere. pass: "pass.list", for their texts. */
export function ExceptionFields(props: {
  prefix: string;
  pass: string;
  fields: readonly ParamSpec[];
  exception: Partial<Exception>;
  skip?: ReadonlySet<string>;
  onChange: (change: Record<string, unknown>) => void;
}) {
  const { prefix, pass, fields, exception, skip = new Set(['where']), onChange } = props;
  return (
    <div class="params">
      {fields
        .filter(({ name }) => !skip.has(name))
        .map((spec) => (
          <Field
            key={spec.name}
            id={`${prefix}-${spec.name}`}
            pass={pass}
            spec={spec}
            value={exception[spec.name]}
            onChange={(value) => onChange({ [spec.name]: value })}
          />
        ))}
    </div>
  );
}

export function Overrides({ node }: { node: GraphNode }) {
  const now = exceptionStep.value;
  const fields = now?.spec.fields ?? [];
  if (!now || node.name === '') return null;
  const exception = exceptionAt(node.name) ?? {};
  const count = Object.keys(exception).filter((key) => key !== 'where').length;
  return (
    <details class="overrides" open={count > 0}>
      <summary>
        {t.recipe.overrides} {count > 0 && <span class="mark">{t.recipe.changed}</span>}
      </summary>
      <ExceptionFields
        prefix={`layer-${node.id}`}
        pass={`${now.step.pass}.${now.spec.name}`}
        fields={fields}
        exception={exception}
        skip={NOT_HERE}
        onChange={(change) => setException(node.name, change)}
      />
    </details>
  );
}
