// The workspace: the recipe beside one of four views. On a narrow screen the recipe is a view too.
import { t } from '../i18n';
import { busy, opened } from '../state/app';
import { isWide, VIEWS, type View, view } from '../state/ui';
import { CompareView } from './compare_view';
import { JudgeView } from './judge_view';
import { ModelView } from './model_view';
import { RecipeRail } from './recipe_rail';
import { TakeView } from './take_view';

const PANELS: Record<View, () => preact.JSX.Element | null> = {
  recipe: RecipeRail,
  model: ModelView,
  compare: CompareView,
  judge: JudgeView,
  take: TakeView,
};

/** Arrow keys go from tab to tab, as the pattern of tab lists has it. */
function onTabKey(event: KeyboardEvent, names: readonly View[]): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const at = names.indexOf(view.value);
  const next = names[(at + by + names.length) % names.length] as View;
  view.value = next;
  document.getElementById(`tab-${next}`)?.focus();
}

function Tabs() {
  const names: View[] = isWide.value ? [...VIEWS] : ['recipe', ...VIEWS];
  return (
    <div class="tabs" role="tablist" aria-label={t.app.views}>
      {names.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          type="button"
          role="tab"
          aria-selected={view.value === name}
          aria-controls="view"
          tabIndex={view.value === name ? 0 : -1}
          onClick={() => {
            view.value = name;
          }}
          onKeyDown={(event) => onTabKey(event, names)}
        >
          {t.app.view[name]}
        </button>
      ))}
    </div>
  );
}

export function Workspace() {
  const Panel = PANELS[view.value];
  return (
    <div class="workspace" data-busy={busy.value}>
      <h1 class="hidden">{opened.value?.fileName}</h1>
      {isWide.value && (
        <aside class="rail" aria-label={t.recipe.title}>
          <RecipeRail />
        </aside>
      )}
      <div class="stage">
        <Tabs />
        <div
          key={view.value}
          id="view"
          class={`view view-${view.value}`}
          role="tabpanel"
          aria-labelledby={`tab-${view.value}`}
        >
          <Panel />
        </div>
      </div>
    </div>
  );
}
