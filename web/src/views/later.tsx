// A part of the page that comes a moment later.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Its children, once what is around them stands: two short tasks of the page's thread instead of a long one. */
export function Later({ children }: { children: ComponentChildren }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), 0);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}
