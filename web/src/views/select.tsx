// A labelled choice among named values, and the same as a row of segments.
export interface ChoiceProps<T extends string> {
  id: string;
  label: string;
  value: T;
  names: Record<T, string>;
  onChange: (value: T) => void;
}

const keys = <T extends string>(names: Record<T, string>) => Object.keys(names) as T[];

export function Select<T extends string>({ id, label, value, names, onChange }: ChoiceProps<T>) {
  return (
    <div class="param choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(e) => onChange(e.currentTarget.value as T)}>
        {keys(names).map((key) => (
          <option key={key} value={key}>
            {names[key]}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Segments<T extends string>({ id, label, value, names, onChange }: ChoiceProps<T>) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{label}</legend>
      {keys(names).map((key) => (
        <label key={key}>
          <input type="radio" name={id} checked={value === key} onChange={() => onChange(key)} />
          <span>{names[key]}</span>
        </label>
      ))}
    </fieldset>
  );
}
