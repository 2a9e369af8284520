// What both networks answer, in the form that the output has: classes, a picture, or numbers.
import { pictureShape } from '../results/picture';
import { isClassScores } from '../results/topk';
import type { Results } from '../state/app';
import { TensorTable } from './tensor_table';
import { TopLists } from './top_lists';
import { TwoUp } from './two_up';

export function Outputs({ results: r }: { results: Results }) {
  const before = Object.entries(r.original.result.outputs);
  const [first] = before;
  const a = first?.[1];
  const b = first ? r.compressed.result.outputs[first[0]] : undefined;
  if (!first || !a || !b) return null;
  if (before.length === 1 && isClassScores(a) && isClassScores(b)) return <TopLists original={a} compressed={b} />;
  const shape = pictureShape(a);
  return (
    <>
      {shape && <TwoUp name={first[0]} original={a} compressed={b} shape={shape} />}
      <TensorTable results={r} />
    </>
  );
}
