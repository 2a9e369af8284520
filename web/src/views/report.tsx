// What every step of the recipe did: sizes, the numbers it reports, warnings with the way out.
import type { StepReport, Warning } from '../engine/types';
import { formatBytes, formatValue } from '../format';
import { t } from '../i18n';
import { compressed } from '../state/app';

const KNOWN = new Set(['pass', 'params', 'bytesBefore', 'bytesAfter', 'warnings']);

/** Plain facts of a step: numbers, words and yes or no; lists and tables have views of their own. */
function facts(step: StepReport): [string, string][] {
  return Object.entries(step).flatMap(([key, value]): [string, string][] => {
    if (KNOWN.has(key)) return [];
    if (typeof value === 'number') return [[key, formatValue(value)]];
    return typeof value === 'string' || typeof value === 'boolean' ? [[key, String(value)]] : [];
  });
}

/** "quantizedNodes" -> "quantized nodes". */
const words = (key: string) => key.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`).replaceAll('_', ' ');

function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  return (
    <details class="notice">
      <summary>{t.warnings(warnings.length)}</summary>
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

export function ReportView() {
  const report = compressed.value?.report;
  if (!report) return null;
  return (
    <details class="report">
      <summary>{t.whatChanged}</summary>
      {report.steps.map((step, i) => (
        <div key={`${i}-${step.pass}`}>
          <h3>
            <code>{step.pass}</code>{' '}
            <span class="shape">
              {formatBytes(step.bytesBefore)} → {formatBytes(step.bytesAfter)}
            </span>
          </h3>
          <dl class="facts">
            {facts(step).map(([key, value]) => (
              <div key={key}>
                <dt>{words(key)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <Warnings warnings={step.warnings ?? []} />
        </div>
      ))}
    </details>
  );
}
