// The page: header, the drop target that covers it all, and one of two screens.
import { t } from '../i18n';
import { updateReady } from '../offline/register';
import { announcement, dragging, opened } from '../state/app';
import { openFiles } from '../state/open';
import { Arrive } from './arrive';
import { ErrorCard } from './error_card';
import { Header } from './header';
import { TaskBar } from './task_bar';
import { Workspace } from './workspace';

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

function Update() {
  const reload = updateReady.value;
  if (!reload) return null;
  return (
    <p class="update" role="status">
      {t.app.update}{' '}
      <button type="button" class="button quiet" onClick={reload}>
        {t.app.updateGo}
      </button>
    </p>
  );
}

export function App() {
  const open = opened.value !== null;
  return (
    <div class={`page${open ? ' working' : ''}${dragging.value ? ' dragging' : ''}`} {...dropHandlers}>
      <Header />
      <main id="main" tabIndex={-1}>
        <ErrorCard />
        <Update />
        {open ? <Workspace /> : <Arrive />}
      </main>
      <TaskBar />
      <p class="hidden" role="status" aria-live="polite" data-testid="spoken">
        {announcement.value}
      </p>
      {dragging.value && (
        <div class="drop-veil" aria-hidden="true">
          <strong>{t.app.dropNow}</strong>
        </div>
      )}
    </div>
  );
}
