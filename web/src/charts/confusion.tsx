// A confusion matrix in print: a dot for every cell, as large as often. The diagonal is ink, mistakes are vermilion.
import { formatInteger } from '../format';
import { t } from '../i18n';

const CELL = 22;
const LEFT = 74;
const BOTTOM = 18;
/** Beyond, names cannot be read and the dots show the picture alone. */
const MOST_NAMES = 24;

interface Props {
  counts: readonly (readonly number[])[];
  names: (index: number) => string;
  label: string;
}

const short = (name: string) => (name.length > 11 ? `${name.slice(0, 10)}…` : name);

export function Confusion({ counts, names, label }: Props) {
  const size = counts.length;
  const named = size <= MOST_NAMES;
  const left = named ? LEFT : 4;
  const rows = counts.map((row) => row.reduce((a, b) => a + b, 0));
  const width = left + size * CELL + 4;
  const height = size * CELL + (named ? BOTTOM : 4);
  return (
    <svg class="chart confusion" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {counts.map((row, truth) => (
        <g key={truth} transform={`translate(${left} ${truth * CELL})`}>
          <line class="rule" x1={0} x2={size * CELL} y1={CELL / 2} y2={CELL / 2} />
          {named && (
            <text class="name" x={-6} y={CELL / 2 + 4}>
              {short(names(truth))}
            </text>
          )}
          {row.map((count, answer) =>
            count === 0 ? null : (
              <circle
                key={answer}
                class={truth === answer ? 'right' : 'wrong'}
                cx={answer * CELL + CELL / 2}
                cy={CELL / 2}
                r={Math.max(1.6, Math.sqrt(count / Math.max(1, rows[truth] ?? 1)) * CELL * 0.47)}
              >
                <title>{t.judge.confusionCell(names(truth), names(answer), formatInteger(count))}</title>
              </circle>
            ),
          )}
        </g>
      ))}
      {named &&
        counts.map((_, answer) => (
          <text key={answer} class="column" x={left + answer * CELL + CELL / 2} y={size * CELL + 13}>
            {names(answer).slice(0, 3)}
          </text>
        ))}
    </svg>
  );
}
