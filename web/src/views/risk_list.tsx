// The risk report: what will make the network hard to quantize, worst first, with the layers it is about and the step of the
// recipe that answers it.
import type { GraphNode, PassSpec, RecipeStep, Risk } from '../engine/types';
import { formatInteger } from '../format';
import { nodeLabel } from '../graph/metrics';
import { nodeTitle } from '../graph/scene';
import { t } from '../i18n';
import { paramText, passText, riskText } from '../i18n/engine_text';
import { canRun, findPass, opened } from '../state/app';
import { answerTo, riskError, risks, risksOf, takeUp } from '../state/risks';
import { announce } from '../state/task';
import { NodeName } from './node_names';

/** Findings shown at once; the rest wait behind a fold. */
const FIRST = 3;
const NODES = 3;

function Nodes({ risk }: { risk: Risk }) {
  const more = risk.count - Math.min(NODES, risk.nodes.length);
  return (
    <p class="node-names">
      {risk.nodes.slice(0, NODES).map((name) => (
        <NodeName key={name} name={name} />
      ))}
      {more > 0 && <span class="note">{t.model.riskMoreNodes(more)}</span>}
    </p>
  );
}

/** "Scale by: weights": what the step sets; of a list how many it has. */
function settings({ pass: _, ...params }: RecipeStep, spec: PassSpec): string {
  const texts = Object.entries(params).map(([name, value]) => {
    const param = spec.params.find((p) => p.name === name);
    const shown = Array.isArray(value) ? formatInteger(value.length) : value === true ? t.app.yes : String(value);
    return `${param ? paramText(spec.name, param).label : name}: ${shown}`;
  });
  return texts.join(', ');
}

function Answer({ risk }: { risk: Risk }) {
  const pass = risk.step ? findPass(risk.step.pass) : undefined;
  if (!risk.step || !pass || !canRun.value) return null;
  if (!answerTo(risk)) return <p class="note good">{t.model.riskTaken}</p>;
  const label = passText(pass).label;
  const add = () => {
    takeUp(risk);
    announce(t.model.riskAdded(label));
  };
  return (
    <button type="button" class="button plain" onClick={add}>
      {t.model.riskAdd(label)} <span class="note">{settings(risk.step, pass)}</span>
    </button>
  );
}

function Finding({ risk, nodes }: { risk: Risk; nodes: boolean }) {
  const { message, hint } = riskText(risk);
  return (
    <li class={`risk ${risk.severity}`}>
      <p>
        <span class="severity">{t.model.severity[risk.severity]}</span> <b>{message}</b>
      </p>
      {nodes && <Nodes risk={risk} />}
      <p class="note">{hint}</p>
      <Answer risk={risk} />
    </li>
  );
}

function Findings({ list, nodes = true }: { list: readonly Risk[]; nodes?: boolean }) {
  return (
    <ul class="risks">
      {list.map((risk) => (
        <Finding key={risk.id} risk={risk} nodes={nodes} />
      ))}
    </ul>
  );
}

export function Risks() {
  const found = risks.value;
  const failed = riskError.value;
  if (!found && !failed) return null;
  const rest = found?.slice(FIRST) ?? [];
  return (
    <section aria-labelledby="risks-title">
      <h3 id="risks-title">{t.model.risks}</h3>
      {failed && (
        <p class="note">
          {t.model.risksFailed} {failed.message}
        </p>
      )}
      {found && <p class="note">{found.length > 0 ? t.model.risksNote : t.model.risksNone}</p>}
      {found && <Findings list={found.slice(0, FIRST)} />}
      {rest.length > 0 && (
        <details>
          <summary>{t.model.risksMore(rest.length)}</summary>
          <Findings list={rest} />
        </details>
      )}
    </section>
  );
}

/** What the report says of one layer. */
export function LayerRisks({ node }: { node: GraphNode }) {
  const found = risksOf(nodeLabel(node));
  if (!opened.value || found.length === 0) return null;
  return (
    <section aria-label={`${t.model.layerRisks}: ${nodeTitle(node)}`}>
      <h3>{t.model.layerRisks}</h3>
      <Findings list={found} nodes={false} />
    </section>
  );
}
