// The strings in use. `t` reads the chosen language's table at every access, so views that use it follow a switch.
import { strings as en, type Strings } from './en';
import { type Lang, lang } from './lang';
import { strings as zh } from './zh';

export type { Strings };

const tables: Record<Lang, Strings> = { en, zh };

export const t = new Proxy({} as Strings, {
  get: (_target, area: string) => tables[lang.value][area as keyof Strings],
});
