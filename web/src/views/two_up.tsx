// Two pictures under one line: left of it the original, right of it the compressed network's.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Tensor } from '../engine/types';
import { t } from '../i18n';
import { imageData } from '../inputs/picture';
import { type PictureShape, toneOf, toPixels } from '../results/picture';

interface Props {
  name: string;
  original: Tensor;
  compressed: Tensor;
  shape: PictureShape;
}

export function TwoUp({ name, original, compressed, shape }: Props) {
  const under = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const [at, setAt] = useState(50);
  useEffect(() => {
    const tone = toneOf(original);
    under.current?.getContext('2d')?.putImageData(imageData(toPixels(original, shape, tone)), 0, 0);
    over.current?.getContext('2d')?.putImageData(imageData(toPixels(compressed, shape, tone)), 0, 0);
  }, [original, compressed]);
  const size = { width: shape.width, height: shape.height };
  return (
    <figure class="two-up">
      <div class="two-up-stage" style={{ aspectRatio: `${shape.width} / ${shape.height}` }}>
        <canvas ref={under} {...size} role="img" aria-label={`${t.compare.imageOf(name)}, ${t.compare.original}`} />
        <canvas
          ref={over}
          {...size}
          role="img"
          aria-label={`${t.compare.imageOf(name)}, ${t.compare.compressed}`}
          style={{ clipPath: `inset(0 0 0 ${at}%)` }}
        />
        <span class="two-up-line" aria-hidden="true" style={{ left: `${at}%` }} />
        <input
          type="range"
          min={0}
          max={100}
          value={at}
          aria-label={t.compare.slider}
          onInput={(e) => setAt(Number(e.currentTarget.value))}
        />
      </div>
      <figcaption class="note">{t.compare.sliderHelp}</figcaption>
    </figure>
  );
}
