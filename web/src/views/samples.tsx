// The sample networks, each with a picture of its data and one line.
import { useEffect, useRef } from 'preact/hooks';
import { formatBytes, formatPercentDigits } from '../format';
import { t } from '../i18n';
import { imageData } from '../inputs/picture';
import { type Sample, THUMBNAIL, thumbnailParts } from '../inputs/samples';
import { samples, startSample, wordsOf } from '../state/samples';

function Thumbnail({ sample }: { sample: Sample }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const parts = thumbnailParts(sample);
    let timer: ReturnType<typeof setTimeout>;
    const drawNext = () => {
      const { value: part, done } = parts.next();
      if (done) return;
      canvas.current?.getContext('2d')?.putImageData(imageData(part.pixels), part.left, part.top);
      timer = setTimeout(drawNext, 0);
    };
    // Later, so that the first screen shows at once.
    timer = setTimeout(drawNext, 0);
    return () => clearTimeout(timer);
  }, [sample]);
  return <canvas ref={canvas} class="thumb" width={THUMBNAIL} height={THUMBNAIL} />;
}

export function Samples() {
  if (samples.value.length === 0) return null;
  return (
    <section class="samples" aria-labelledby="samples-title">
      <h2 id="samples-title">{t.arrive.samples}</h2>
      <p class="note">{t.arrive.samplesNote}</p>
      <ul>
        {samples.value.map((sample) => (
          <li key={sample.id}>
            <button type="button" class="sample" data-sample={sample.id} onClick={() => void startSample(sample)}>
              <Thumbnail sample={sample} />
              <span>
                <b>{wordsOf(sample.name)}</b>
                <span class="note block">{wordsOf(sample.line)}</span>
                <span class="note block">
                  {formatBytes(sample.bytes)}, {formatPercentDigits(sample.test.accuracy, 1)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
