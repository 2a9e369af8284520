// What trials of a quantized network have shown: layer by layer, the whole of it, and what is best left in float.
import type { TrialResult } from '../engine/types';
import { formatBytes, formatDb, formatFixed, formatInteger, formatPercentDigits } from '../format';
import { t } from '../i18n';
import { factsOf, type Scan, type ScannedLayer } from '../results/sensitivity';
import { busy, selected } from '../state/app';
import { metric, selectByName } from '../state/layers';
import { keepFloat, keepFloatAction } from '../state/sensitivity';
import { announce } from '../state/task';
import { view } from '../state/ui';
import { NodeName } from './node_names';
import { Scroll } from './scroll';

const NAMED = 8;

type Text = (layer: ScannedLayer) => string;
const COLUMNS: Record<ReturnType<typeof factsOf>[number], { name: () => string; text: Text }> = {
  divergence: { name: () => t.compare.divergence, text: (l) => formatFixed(l.divergence ?? 0, 4) },
  agreement: { name: () => t.judge.agreement, text: (l) => formatPercentDigits(l.agreement ?? 0, 1) },
  accuracy: { name: () => t.judge.accuracy, text: (l) => formatPercentDigits(l.accuracy ?? 0, 1) },
  gain: { name: () => t.compare.gain, text: (l) => formatDb(l.gain ?? null, t.compare.allOfIt) },
  bytes: { name: () => t.compare.extraBytes, text: (l) => formatBytes(l.bytes ?? 0) },
};

function open(name: string): void {
  selected.value = selectByName(name);
  metric.value = 'sensitivity';
  view.value = 'model';
}

/** One row a layer, the most sensitive first. */
export function TrialTable({ layers, label }: { layers: readonly ScannedLayer[]; label: string }) {
  const facts = factsOf(layers);
  return (
    <Scroll label={label} tall>
      <table class="dense">
        <thead>
          <tr>
            <th scope="col">{t.model.layer}</th>
            <th scope="col" class="number">
              {t.compare.sqnr}
            </th>
            {facts.map((fact) => (
              <th key={fact} scope="col" class="number">
                {COLUMNS[fact].name()}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {layers.map((layer) => (
            <tr key={layer.node}>
              <th scope="row">
                <button type="button" class="link" onClick={() => open(layer.node)}>
                  {layer.node}
                </button>
              </th>
              <td class="number">{formatDb(layer.sqnr, t.compare.equal)}</td>
              {facts.map((fact) => (
                <td key={fact} class="number">
                  {COLUMNS[fact].text(layer)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** "21.3 dB, 98.4 % same answer, 95.0 % right". */
export function trialText({ sqnr, agreement, accuracy }: TrialResult): string {
  const parts = [formatDb(sqnr, t.compare.equal)];
  if (agreement !== undefined) parts.push(t.compare.agreeing(formatPercentDigits(agreement, 1)));
  if (accuracy !== undefined) parts.push(t.compare.right(formatPercentDigits(accuracy, 1)));
  return parts.join(t.compare.comma);
}

/** The whole network quantized, and what it was measured on. */
export function TrialSummary({ scan }: { scan: Scan }) {
  const { all, after, feeds, floatAccuracy } = scan;
  return (
    <>
      {all && (
        <p class="note">
          {t.compare.allOnIntegers}: <b>{trialText(all)}</b>
        </p>
      )}
      {after && (
        <p class="note">
          {t.compare.withThese}: <b>{trialText(after)}</b>
        </p>
      )}
      {feeds !== undefined && (
        <p class="note">
          {t.compare.measuredOn(feeds)}{' '}
          {floatAccuracy !== undefined && t.compare.floatRight(formatPercentDigits(floatAccuracy, 1))}
        </p>
      )}
    </>
  );
}

function Nodes({ names }: { names: readonly string[] }) {
  const more = names.length - NAMED;
  return (
    <p class="node-names">
      {names.slice(0, NAMED).map((name) => (
        <NodeName key={name} name={name} />
      ))}
      {more > 0 && <span class="note">{t.model.riskMoreNodes(more)}</span>}
    </p>
  );
}

export function KeptNodes({ names }: { names: readonly string[] }) {
  return (
    <>
      <p class="note">{t.compare.keptFloat(formatInteger(names.length))}</p>
      <Nodes names={names} />
    </>
  );
}

/** The layers that are best left in float, and the button that does so. */
export function Suggestion({ suggestion }: { suggestion: NonNullable<Scan['suggestion']> }) {
  const { nodes, gain, bytes } = suggestion;
  if (nodes.length === 0) return null;
  const add = () => {
    keepFloat(nodes);
    announce(t.compare.suggestionAdded);
  };
  return (
    <div class="notice suggestion" data-testid="suggestion">
      <p>{t.compare.suggestion(nodes.length, formatDb(gain, t.compare.allOfIt), formatBytes(Math.max(0, bytes)))}</p>
      <Nodes names={nodes} />
      {keepFloatAction(nodes) ? (
        <button type="button" class="button plain" disabled={busy.value} onClick={add}>
          {t.compare.suggestionAdd}
        </button>
      ) : (
        <p class="note good">{t.compare.suggestionTaken}</p>
      )}
    </div>
  );
}
