// The page: header, the drop target that covers it all, and one of two screens.
import { t } from '../i18n';
import { openFiles } from '../state/actions';
import { dragging, engine, opened } from '../state/app';
import { CalibrationCard } from './calibration';
import { CompressCard } from './compress';
import { ErrorCard } from './error_card';
import { FilePicker } from './file_picker';
import { ResultsCard } from './results';
import { SummaryCard } from './summary';
import { TaskBar } from './task_bar';
import { Welcome } from './welcome';

function Header() {
  const caps = engine.value?.capabilities;
  return (
    <header class="top">
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <span class="brand">
        <img src="./icon.svg" alt="" width="28" height="28" />
        {t.title}
      </span>
      <span class="engine" role="status">
        {caps ? t.engineInfo(caps.variant, caps.threads) : t.engineStarting}
      </span>
      {opened.value && <FilePicker label={t.openAnother} kind="quiet" multiple onFiles={openFiles} />}
    </header>
  );
}

function Workbench() {
  return (
    <div class="bench">
      <h1 class="hidden">{opened.value?.fileName}</h1>
      <div class="column">
        <SummaryCard />
        <CompressCard />
        <CalibrationCard />
      </div>
      <ResultsCard />
    </div>
  );
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** The whole window takes drops; dragleave fires for children too, so only leaving the window counts. */
const dropHandlers = {
  onDragOver(event: DragEvent) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dragging.value = true;
  },
  onDragLeave(event: DragEvent) {
    if (event.relatedTarget === null) dragging.value = false;
  },
  onDrop(event: DragEvent) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dragging.value = false;
    void openFiles([...(event.dataTransfer?.files ?? [])]);
  },
};

export function App() {
  return (
    <div class={dragging.value ? 'page dragging' : 'page'} {...dropHandlers}>
      <Header />
      <main id="main" tabIndex={-1}>
        <ErrorCard />
        <TaskBar />
        {opened.value ? <Workbench /> : <Welcome />}
      </main>
      {dragging.value && (
        <div class="drop-veil" aria-hidden="true">
          <strong>{t.dropNow}</strong>
        </div>
      )}
    </div>
  );
}
