// The page's colours for a canvas, read from the style sheet again when the theme changes.
import type { RefObject } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Palette } from '../graph/draw';

/** light-dark() is resolved only in computed colours, so each token is asked for as one. */
function read(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.after(probe);
  const colour = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const kinds = {
    linear: colour('accent'),
    activation: colour('kind-1'),
    pool: colour('kind-2'),
    norm: colour('kind-3'),
    move: colour('line-strong'),
    quant: colour('ink'),
    port: colour('tint'),
    block: colour('soft'),
    other: colour('kind-4'),
  };
  const palette: Palette = {
    ink: colour('ink'),
    soft: colour('soft'),
    card: colour('card'),
    line: colour('line-strong'),
    accent: colour('accent'),
    tint: colour('tint'),
    font: getComputedStyle(element).fontFamily,
    kinds,
  };
  probe.remove();
  return palette;
}

/** A function that reads once and remembers; a new one when colours may have changed. */
export function usePalette(element: RefObject<HTMLElement | null>, theme: string): () => Palette {
  const [system, setSystem] = useState(0);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const onChange = () => setSystem((n) => n + 1);
    dark.addEventListener('change', onChange);
    return () => dark.removeEventListener('change', onChange);
  }, []);
  return useCallback(() => {
    const made = element.current as (HTMLElement & { palette?: { key: string; colours: Palette } }) | null;
    const key = `${theme} ${system}`;
    if (!made) throw new Error('no canvas');
    if (made.palette?.key !== key) made.palette = { key, colours: read(made) };
    return made.palette.colours;
  }, [theme, system]);
}
