// Outputs that are not class scores: both tensors by their first values, and how far they are apart.
import type { Tensor } from '../engine/types';
import { formatDb, formatShape, formatValue } from '../format';
import { t } from '../i18n';
import { asNumbers } from '../results/topk';
import type { Results } from '../state/app';
import { Scroll } from './scroll';

const SHOWN = 6;

function preview(tensor: Tensor | undefined): string {
  const values = tensor && asNumbers(tensor);
  if (!values) return '–';
  const text = Array.from(values.subarray(0, SHOWN), formatValue).join(', ');
  return values.length > SHOWN ? `${text}, …` : text;
}

export function TensorTable({ results }: { results: Results }) {
  const rows = results.comparison.outputs;
  return (
    <Scroll label={t.compare.outputs}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.compare.tensor}</th>
            <th scope="col">{t.compare.original}</th>
            <th scope="col">{t.compare.compressed}</th>
            <th scope="col">{t.compare.sqnr}</th>
            <th scope="col">{t.compare.maxError}</th>
            <th scope="col">{t.compare.cosine}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const a = results.original.result.outputs[row.name];
            const b = results.compressed.result.outputs[row.name];
            return (
              <tr key={row.name}>
                <th scope="row">
                  <code>{row.name}</code>
                  <span class="shape block">{formatShape(a?.dims ?? null)}</span>
                </th>
                <td class="values">{preview(a)}</td>
                <td class="values">{preview(b)}</td>
                <td>{formatDb(row.sqnr, t.compare.equal)}</td>
                <td>{formatValue(row.maxAbsError)}</td>
                <td>{row.cosine.toFixed(4)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
