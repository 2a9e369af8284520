// The first screen: what this is, where to drop a model, sample networks, a link, files opened lately.
import { useState } from 'preact/hooks';
import { formatBytes } from '../format';
import { t } from '../i18n';
import { parseLink } from '../inputs/link';
import { engine } from '../state/app';
import { openFiles, openLink, openModel } from '../state/open';
import { forget, forgetAll, recent } from '../state/recent';
import { FilePicker } from './file_picker';
import { Hero } from './hero';
import { Samples } from './samples';

function DropZone() {
  const [waiting, setWaiting] = useState(false);
  const take = (files: File[]) => {
    setWaiting(engine.value === null);
    void openFiles(files).finally(() => setWaiting(false));
  };
  return (
    <div class="drop-zone">
      <h2>{t.arrive.dropTitle}</h2>
      <FilePicker label={t.arrive.pick} kind="primary" multiple onFiles={take} />
      <p class="note">{waiting ? t.arrive.waiting : t.arrive.dropHint}</p>
    </div>
  );
}

function FromLink() {
  const [text, setText] = useState('');
  const host = parseLink(text)?.host;
  return (
    <form
      class="card from-link"
      onSubmit={(event) => {
        event.preventDefault();
        void openLink(text);
      }}
    >
      <h2>{t.arrive.link}</h2>
      <div class="row">
        <input
          type="url"
          aria-label={t.arrive.linkLabel}
          placeholder="https://"
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
        />
        <button type="submit" class="button plain" disabled={!host}>
          {t.arrive.linkGo}
        </button>
      </div>
      <p class="note" aria-live="polite">
        {host ? t.arrive.linkHost(host) : t.arrive.linkNone}
      </p>
    </form>
  );
}

function Recent() {
  if (recent.value.length === 0) return null;
  return (
    <section class="card recent" aria-labelledby="recent-title">
      <div class="row spread">
        <h2 id="recent-title">{t.arrive.recent}</h2>
        <button type="button" class="button quiet" onClick={() => void forgetAll()}>
          {t.arrive.forgetAll}
        </button>
      </div>
      <ul>
        {recent.value.map(({ name, size, file }) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => void openModel(new File([file], name))}>
              {name}
            </button>
            <span class="note">{formatBytes(size)}</span>
            <button
              type="button"
              class="button quiet"
              aria-label={t.arrive.forget(name)}
              onClick={() => void forget(name)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <p class="note">{t.arrive.recentNote}</p>
    </section>
  );
}

export function Arrive() {
  return (
    <div class="arrive">
      <section class="intro">
        <div>
          <h1>{t.arrive.tagline}</h1>
          <p class="lead">{t.arrive.intro}</p>
          <DropZone />
        </div>
        <Hero />
      </section>
      <Samples />
      <div class="doors">
        <FromLink />
        <Recent />
        <section class="card points">
          <ul>
            {t.arrive.points.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}
