// A chart that can be taken away as SVG or PNG, with the page's colours written into it.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { saveChart } from '../charts/save';
import { t } from '../i18n';
import { showError } from '../state/task';

export function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const save = (format: 'svg' | 'png') => {
    const svg = box.current?.querySelector('svg');
    if (svg) saveChart(svg, name, format).catch(showError);
  };
  return (
    <div class="figure">
      <div ref={box}>{children}</div>
      <p class="row tight figure-tools">
        <span class="note">{t.app.saveChart}</span>
        <button
          type="button"
          class="button quiet"
          aria-label={`${t.app.saveChart}: ${t.app.asSvg}`}
          onClick={() => save('svg')}
        >
          {t.app.asSvg}
        </button>
        <button
          type="button"
          class="button quiet"
          aria-label={`${t.app.saveChart}: ${t.app.asPng}`}
          onClick={() => save('png')}
        >
          {t.app.asPng}
        </button>
      </p>
    </div>
  );
}
