// Signal to noise of every layer, from input to output, as a chart one can walk along; a layer opens in the model view.
import { useRef, useState } from 'preact/hooks';
import { LayersChart } from '../charts/layers_chart';
import type { LayerDiff } from '../engine/types';
import { formatDb } from '../format';
import { t } from '../i18n';
import { type Results, selected } from '../state/app';
import { selectByName } from '../state/layers';
import { view } from '../state/ui';
import { Figure } from './figure';
import { Scroll } from './scroll';

function open(layer: LayerDiff): void {
  const id = selectByName(layer.name);
  if (id === null) return;
  selected.value = id;
  view.value = 'model';
}

const db = (sqnr: number | null | undefined) => (sqnr === undefined ? '' : formatDb(sqnr, t.compare.equal));

function sentence({ name, sqnr, aloneSqnr }: LayerDiff): string {
  const both = t.compare.openLayer(name, db(sqnr));
  return aloneSqnr === undefined ? both : t.compare.openLayerAlone(both, db(aloneSqnr));
}

export function ErrorAlong({ results }: { results: Results }) {
  const { layers } = results.comparison;
  const [at, setAt] = useState(-1);
  const box = useRef<HTMLDivElement>(null);
  if (layers.length === 0) return null;
  const now = layers[at];
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Enter' && now) open(now);
    if (!by) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(layers.length - 1, at + by)));
  };
  return (
    <section class="card" aria-labelledby="along-title">
      <h2 id="along-title">{t.compare.layers}</h2>
      <p class="note">{t.compare.layersNote}</p>
      <Figure name="layers">
        <div
          ref={box}
          class="walkable"
          role="slider"
          tabIndex={0}
          aria-label={t.compare.layers}
          aria-valuemin={1}
          aria-valuemax={layers.length}
          aria-valuenow={at + 1}
          aria-valuetext={now ? sentence(now) : ''}
          onKeyDown={onKey}
        >
          <LayersChart layers={layers} at={at} onAt={setAt} onOpen={open} />
        </div>
      </Figure>
      <p class="caption" role="status">
        {now ? sentence(now) : '\u00a0'}
      </p>
      <details>
        <summary>{t.compare.layersAs}</summary>
        <Scroll label={t.compare.layersAs} tall>
          <table class="dense">
            <thead>
              <tr>
                <th scope="col">{t.model.layer}</th>
                <th scope="col">{t.model.operator}</th>
                <th scope="col" class="number">
                  {t.compare.sqnr}
                </th>
                <th scope="col" class="number">
                  {t.model.alone}
                </th>
              </tr>
            </thead>
            <tbody>
              {layers.map((l) => (
                <tr key={l.name}>
                  <th scope="row">
                    <button type="button" class="link" onClick={() => open(l)}>
                      {l.name}
                    </button>
                  </th>
                  <td>{l.op}</td>
                  <td class="number">{db(l.sqnr)}</td>
                  <td class="number">{db(l.aloneSqnr)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  );
}
