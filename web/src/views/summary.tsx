// What the model is: inputs, outputs, parameters, multiply-adds, size, operators, and what cannot run.
import type { ModelSummary, ValueSummary } from '../engine/types';
import { formatBytes, formatCount, formatInteger, formatShape } from '../format';
import { t } from '../i18n';
import { opened } from '../state/app';

function Ports({ title, values }: { title: string; values: readonly ValueSummary[] }) {
  return (
    <div class="ports">
      <h3>{title}</h3>
      <ul>
        {values.map((v) => (
          <li key={v.name}>
            <code class="name">{v.name}</code>
            <span class="shape">
              {v.type} {formatShape(v.shape)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Facts({ summary }: { summary: ModelSummary }) {
  const facts: [string, string][] = [
    [t.size, formatBytes(summary.bytes)],
    [t.parameters, formatCount(summary.parameters)],
    [t.macs, formatCount(summary.macs)],
    [t.nodes, formatInteger(summary.nodes)],
    [t.opset, String(summary.opset)],
    [t.producer, summary.producer || t.unknownProducer],
  ];
  return (
    <dl class="facts">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Unsupported({ summary }: { summary: ModelSummary }) {
  if (summary.unsupported.length === 0) return null;
  return (
    <div class="notice bad" role="note">
      <strong>{t.unsupportedTitle}</strong>
      <p>{t.unsupportedBody}</p>
      <ul>
        {summary.unsupported.map((u) => (
          <li key={u.domain + u.op}>
            <code>{u.domain ? `${u.domain}::${u.op}` : u.op}</code>{' '}
            {t.unsupportedNodes(u.nodes.slice(0, 3), u.nodes.length)}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function SummaryCard() {
  const model = opened.value;
  if (!model) return null;
  const { summary } = model.model;
  return (
    <section class="card" aria-labelledby="summary-title">
      <h2 id="summary-title">
        {t.stepModel} <span class="file-name">{model.fileName}</span>
      </h2>
      <Facts summary={summary} />
      <Unsupported summary={summary} />
      {summary.quantized && <p class="notice">{t.alreadyQuantized}</p>}
      <details>
        <summary>
          {t.inputs}, {t.outputs.toLowerCase()}, {t.operators.toLowerCase()}
        </summary>
        <Ports title={t.inputs} values={summary.inputs} />
        <Ports title={t.outputs} values={summary.outputs} />
        <h3>{t.operators}</h3>
        <ul class="chips">
          {summary.operators.map((o) => (
            <li key={o.domain + o.op} class={o.supported ? '' : 'bad'}>
              {o.op} <b>{formatInteger(o.count)}</b>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
