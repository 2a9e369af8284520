// What the model is: size, parameters, multiply-adds, inputs, outputs, operators, and what cannot run.
import type { ModelSummary, ValueSummary } from '../engine/types';
import { formatBytes, formatCount, formatInteger, formatShape } from '../format';
import { t } from '../i18n';
import { opened } from '../state/app';
import { NodeNames } from './node_names';
import { Risks } from './risk_list';

function Ports({ title, values }: { title: string; values: readonly ValueSummary[] }) {
  return (
    <>
      <h3>{title}</h3>
      <ul class="ports">
        {values.map((v) => (
          <li key={v.name}>
            <code>{v.name}</code>
            <span class="shape">
              {v.type} {formatShape(v.shape)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, string])[] }) {
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
      <strong>{t.model.unsupportedTitle}</strong>
      <p>{t.model.unsupportedBody}</p>
      <ul class="unsupported">
        {summary.unsupported.map((u) => (
          <li key={u.domain + u.op}>
            <code>{u.domain ? `${u.domain}::${u.op}` : u.op}</code> {t.model.unsupportedNodes(u.nodes.length)}
            <NodeNames names={u.nodes} />
          </li>
        ))}
      </ul>
    </div>
  );
}

export function ModelFacts() {
  const summary = opened.value?.model.summary;
  if (!summary) return null;
  return (
    <section class="panel" aria-labelledby="facts-title">
      <h2 id="facts-title">{t.model.facts}</h2>
      <Facts
        facts={[
          [t.model.size, formatBytes(summary.bytes)],
          [t.model.parameters, formatCount(summary.parameters)],
          [t.model.macs, formatCount(summary.macs)],
          [t.model.nodes, formatInteger(summary.nodes)],
          [t.model.opset, String(summary.opset)],
          [t.model.producer, summary.producer || t.model.unknownProducer],
        ]}
      />
      <Unsupported summary={summary} />
      {summary.quantized && <p class="notice">{t.model.alreadyQuantized}</p>}
      <p class="note">{t.model.nodeEmpty}</p>
      <Risks />
      <Ports title={t.model.inputs} values={summary.inputs} />
      <Ports title={t.model.outputs} values={summary.outputs} />
      <h3>{t.model.operators}</h3>
      <ul class="chips">
        {summary.operators.map((o) => (
          <li key={o.domain + o.op} class={o.supported ? '' : 'bad'}>
            {o.op} <b>{formatInteger(o.count)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
