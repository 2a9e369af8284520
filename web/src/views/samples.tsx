// The sample networks, each with a picture of its data and one line.
import { useEffect, useRef } from 'preact/hooks';
import { formatBytes, formatPercentDigits } from '../format';
import { t } from '../i18n';
import { imageData } from '../inputs/picture';
import { type Sample, sampleThumbnail } from '../inputs/samples';
import { samples, startSample, wordsOf } from '../state/samples';

function Thumbnail({ sample }: { sample: Sample }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    // Later, so that the first screen shows at once.
    const timer = setTimeout(() => {
      const pixels = sampleThumbnail(sample);
      const element = canvas.current;
      if (!element) return;
      element.width = pixels.width;
      element.height = pixels.height;
      element.getContext('2d')?.putImageData(imageData(pixels), 0, 0);
    }, 0);
    return () => clearTimeout(timer);
  }, [sample]);
  return <canvas ref={canvas} class="thumb" />;
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
