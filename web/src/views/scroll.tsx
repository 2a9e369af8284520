// A region that scrolls by itself. It takes the focus, so that arrow keys scroll it (WCAG 2.1.1).
import type { ComponentChildren } from 'preact';

export function Scroll({ label, tall, children }: { label: string; tall?: boolean; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard cannot scroll
    <section class={tall ? 'scroll tall' : 'scroll'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
