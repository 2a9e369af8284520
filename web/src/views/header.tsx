// The header: the way home, the open model and what became of it, the engine, settings.
import { formatBytes, formatPercent } from '../format';
import { t } from '../i18n';
import { engine, opened, results } from '../state/app';
import { closeModel, openFiles } from '../state/open';
import { FilePicker } from './file_picker';
import { Settings } from './settings';

function ModelLine() {
  const open = opened.value;
  if (!open) return null;
  const before = open.model.summary.bytes;
  const after = results.value?.compressed.bytes;
  return (
    <p class="model-line">
      <b class="file-name">{open.fileName}</b>
      <span class="figure">
        {formatBytes(before)}
        {after !== undefined && (
          <>
            {' → '}
            <b>{formatBytes(after)}</b>{' '}
            <span class={after < before ? 'good' : 'bad'}>
              {after < before
                ? t.compare.saved(formatPercent(1 - after / before))
                : t.compare.grown(formatPercent(after / before - 1))}
            </span>
          </>
        )}
      </span>
    </p>
  );
}

export function Header() {
  const caps = engine.value?.capabilities;
  return (
    <header class="top">
      <a class="skip" href="#main">
        {t.app.skip}
      </a>
      <button type="button" class="brand" title={t.app.home} onClick={closeModel}>
        <img src="./icon.svg" alt="" width="26" height="26" />
        {t.app.title}
      </button>
      <ModelLine />
      <span class="engine" role="status">
        {caps ? t.app.engineInfo(caps.variant, caps.threads) : t.app.engineStarting}
      </span>
      {opened.value && <FilePicker label={t.app.openAnother} kind="quiet" multiple onFiles={openFiles} />}
      <Settings />
    </header>
  );
}
