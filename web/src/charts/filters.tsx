// The filters of a convolution as small pictures: one per output channel, the first input channel (or red, green and blue).
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';

const MOST = 48;
const GAP = 1;

interface Props {
  dims: readonly number[];
  values: Float32Array;
  label: string;
}

export const hasFilters = (dims: readonly number[]): boolean =>
  dims.length === 4 && (dims[2] ?? 1) * (dims[3] ?? 1) > 1 && (dims[2] ?? 0) <= 16;

function paint(canvas: HTMLCanvasElement, { dims, values }: Props, columns: number): void {
  const [outs = 0, ins = 0, height = 0, width = 0] = dims;
  const shown = Math.min(outs, MOST);
  canvas.width = columns * (width + GAP) - GAP;
  canvas.height = Math.ceil(shown / columns) * (height + GAP) - GAP;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(canvas.width, canvas.height);
  const size = width * height;
  const colours = ins === 3 ? 3 : 1;
  for (let out = 0; out < shown; ++out) {
    const start = out * ins * size;
    const part = values.subarray(start, start + colours * size);
    let most = 1e-12;
    for (const v of part) most = Math.max(most, Math.abs(v));
    for (let i = 0; i < size; ++i) {
      const x = (out % columns) * (width + GAP) + (i % width);
      const y = Math.floor(out / columns) * (height + GAP) + Math.floor(i / width);
      for (let c = 0; c < 3; ++c) {
        const v = part[(colours === 3 ? c : 0) * size + i] as number;
        image.data[(y * canvas.width + x) * 4 + c] = 127.5 + (colours === 3 ? 127.5 : -127.5) * (v / most);
      }
      image.data[(y * canvas.width + x) * 4 + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

export function Filters(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = Math.min(props.dims[0] ?? 0, MOST);
  const columns = Math.min(12, shown);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, props, columns);
  }, [props.values]);
  return (
    <figure>
      <canvas ref={canvas} class="filters" role="img" aria-label={props.label} />
      <figcaption class="note">{t.model.filtersNote(shown, props.dims[0] ?? 0)}</figcaption>
    </figure>
  );
}
