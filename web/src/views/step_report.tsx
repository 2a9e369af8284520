// What a step that only chose has found: the layers that it left in float, or the bits that it gave to each.
import { FrontChart } from '../charts/front_chart';
import type { StepReport } from '../engine/types';
import { formatBytes, formatDb, formatFixed, formatInteger } from '../format';
import { t } from '../i18n';
import { type Allocation, allocationOf, type Scan, scanOf, widthCounts } from '../results/sensitivity';
import { NodeName } from './node_names';
import { Scroll } from './scroll';
import { KeptNodes, Suggestion, TrialSummary, TrialTable, trialText } from './trials';

function Scanned({ scan, name }: { scan: Scan; name: string }) {
  const kept = scan.layers.filter((layer) => layer.kept).map(({ node }) => node);
  return (
    <>
      {kept.length > 0 && <KeptNodes names={kept} />}
      <TrialSummary scan={scan} />
      {kept.length === 0 && scan.suggestion && <Suggestion suggestion={scan.suggestion} />}
      <details>
        <summary>{t.compare.trialLayers(scan.layers.length)}</summary>
        <TrialTable layers={scan.layers} label={`${name}: ${t.compare.mostSensitiveFirst}`} />
      </details>
    </>
  );
}

function Widths({ layers, name }: Pick<Allocation, 'layers'> & { name: string }) {
  return (
    <Scroll label={`${name}: ${t.model.bits}`} tall>
      <table class="dense">
        <thead>
          <tr>
            <th scope="col">{t.model.layer}</th>
            <th scope="col" class="number">
              {t.model.bits}
            </th>
            <th scope="col" class="number">
              {t.compare.sqnr}
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ node, bits, widths }) => (
            <tr key={node}>
              <th scope="row">
                <NodeName name={node} />
              </th>
              <td class="number">{formatInteger(bits)}</td>
              <td class="number">
                {formatDb(widths.find((width) => width.bits === bits)?.sqnr ?? null, t.compare.equal)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Mean bits, or bytes: what the step was to spend little of. */
function costFormat({ budget, spend = 'bytes' }: Record<string, unknown>): (cost: number) => string {
  const isCost = budget === undefined || budget === 'mean_bits' || budget === 'macs_bits' || budget === 'bytes';
  const unit = isCost ? (budget ?? 'mean_bits') : spend;
  return unit === 'bytes' ? formatBytes : (cost) => formatFixed(cost, 1);
}

interface AllocatedProps {
  allocation: Allocation;
  params: StepReport['params'];
  name: string;
}

function Allocated({ allocation, params, name }: AllocatedProps) {
  const { meanBits, bytes, after, layers, front, cost, predicted } = allocation;
  const counts = widthCounts(layers).map(([bits, count]) => t.recipe.layersAtBits(count, formatInteger(bits)));
  return (
    <>
      <p class="note">{t.recipe.allocated(formatFixed(meanBits, 2), formatBytes(bytes))}</p>
      <p class="note">{counts.join(t.compare.comma)}</p>
      <p class="note">
        {t.compare.allOnIntegers}: <b>{trialText(after)}</b>
      </p>
      <details>
        <summary>{t.compare.trialLayers(layers.length)}</summary>
        {front.length > 1 && (
          <>
            <p class="note">{t.recipe.front}</p>
            <FrontChart
              points={front}
              chosen={{ cost, sqnr: predicted }}
              format={costFormat(params)}
              label={t.recipe.front}
            />
          </>
        )}
        <Widths layers={layers} name={name} />
      </details>
    </>
  );
}

/** `name`: of the step, which tells its tables from those of others. */
export function StepFindings({ report, name }: { report: StepReport; name: string }) {
  const scan = scanOf(report);
  const allocation = allocationOf(report);
  if (allocation) return <Allocated allocation={allocation} params={report.params} name={name} />;
  return scan && <Scanned scan={scan} name={name} />;
}
