// Every layer that both networks have, in order, with its signal to noise as number and bar.
import type { LayerDiff } from '../engine/types';
import { formatDb } from '../format';
import { t } from '../i18n';
import { Scroll } from './scroll';

/** 60 dB fills the bar: beyond that nobody sees a difference. */
const FULL_DB = 60;

export function Layers({ layers }: { layers: readonly LayerDiff[] }) {
  if (layers.length === 0) return null;
  return (
    <details class="layers">
      <summary>{t.layers}</summary>
      <p class="note">{t.layersNote}</p>
      <Scroll label={t.layers} tall>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.layer}</th>
              <th scope="col">{t.operator}</th>
              <th scope="col" colSpan={2}>
                {t.sqnr}
              </th>
            </tr>
          </thead>
          <tbody>
            {layers.map((l) => (
              <tr key={l.name}>
                <th scope="row">
                  <code>{l.name}</code>
                </th>
                <td>{l.op}</td>
                <td>{formatDb(l.sqnr, t.equal)}</td>
                <td class="bar-cell" aria-hidden="true">
                  <span class="bar">
                    <span style={{ width: `${Math.min(100, Math.max(1, ((l.sqnr ?? FULL_DB) / FULL_DB) * 100))}%` }} />
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
