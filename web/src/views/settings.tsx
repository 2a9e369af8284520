// Language, colours and presentation mode, behind one button.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { LANGUAGES, type Lang, lang, setLang } from '../i18n/lang';
import { presenting, type Theme, theme } from '../state/ui';
import { Select } from './select';

/** Closes when the focus or a click goes elsewhere, and on Escape. */
function useClosing() {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent && event.key !== 'Escape') return;
      const inside = event.target instanceof Node && box.current?.contains(event.target);
      if (box.current?.open && (event instanceof KeyboardEvent || !inside)) box.current.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return box;
}

export function Settings() {
  const languages = Object.fromEntries(LANGUAGES.map(({ id, name }) => [id, name])) as Record<Lang, string>;
  return (
    <details class="settings" ref={useClosing()}>
      <summary>{t.app.settings}</summary>
      <div class="popover">
        <Select id="language" label={t.app.language} value={lang.value} names={languages} onChange={setLang} />
        <Select<Theme>
          id="theme"
          label={t.app.theme}
          value={theme.value}
          names={t.app.themes}
          onChange={(next) => {
            theme.value = next;
          }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={presenting.value}
            onChange={(e) => {
              presenting.value = e.currentTarget.checked;
            }}
          />
          <span>
            {t.app.present} <span class="note block">{t.app.presentHelp}</span>
          </span>
        </label>
      </div>
    </details>
  );
}
