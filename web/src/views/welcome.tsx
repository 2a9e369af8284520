// The first screen: what this is, and where to drop a model.
import { t } from '../i18n';
import { openFiles } from '../state/actions';
import { engine } from '../state/app';
import { FilePicker } from './file_picker';
import { Screen } from './screen';

export function Welcome() {
  return (
    <section class="welcome">
      <h1>{t.tagline}</h1>
      <p class="lead">{t.intro}</p>
      <div class="drop-zone">
        <Screen />
        <h2>{t.dropTitle}</h2>
        <FilePicker label={t.pick} kind="primary" multiple disabled={!engine.value} onFiles={openFiles} />
        <p class="note">{t.dropHint}</p>
      </div>
    </section>
  );
}
