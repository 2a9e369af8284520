// What can be taken away: model, recipe, script, command, report, link; and the check with another runtime.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { LayersChart } from '../charts/layers_chart';
import { standalone } from '../charts/save';
import { formatDb, formatInteger, formatMs, formatValue } from '../format';
import { t } from '../i18n';
import { saveText } from '../save';
import { busy, engine, results } from '../state/app';
import { currentLink } from '../state/link';
import { checkWithOrt, ortCheck } from '../state/ort';
import { saveReport } from '../state/report';
import {
  commandLine,
  countForms,
  download,
  type Format,
  forms,
  loadRecipe,
  outputName,
  recipeText,
  saveRecipe,
  script,
} from '../state/take';
import { announce, showError } from '../state/task';
import { FilePicker } from './file_picker';
import { NodeNames } from './node_names';
import { Scroll } from './scroll';
import { Select } from './select';

const format = signal<Format>('qdq');

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(t.take.copied);
  } catch (error) {
    showError(error);
  }
}

const QOPERATOR: Format = 'qoperator';

/** How much of the network the chosen form has on integers, and what stays as it is. */
function FormCounts() {
  const made = results.value?.made;
  useEffect(() => {
    if (made)
      countForms().catch((error: unknown) => {
        showError(error);
        format.value = 'qdq';
      });
  }, [made]);
  const counts = forms.value;
  if (!counts) return <p class="note">{t.take.formsCounting}</p>;
  const { integer, qdq, weighted } = counts;
  return (
    <div class="notice" role="status" data-testid="forms">
      <p>{t.take.formsInteger(integer)}</p>
      {qdq.length > 0 && (
        <>
          <p>{t.take.formsLeft(qdq.length, weighted)}</p>
          <NodeNames names={qdq} />
        </>
      )}
    </div>
  );
}

function Onnx() {
  const offered = engine.value?.capabilities.formats ?? ['qdq'];
  const names = Object.fromEntries(offered.map((id) => [id, t.take.formats[id] ?? id])) as Record<Format, string>;
  return (
    <section class="card" aria-labelledby="onnx-title">
      <h2 id="onnx-title">{t.take.onnx}</h2>
      <p class="note">{t.take.onnxNote}</p>
      {offered.length > 1 && (
        <Select<Format>
          id="format"
          label={t.take.format}
          value={format.value}
          names={names}
          onChange={(next) => {
            format.value = next;
          }}
        />
      )}
      {format.value === QOPERATOR && <FormCounts />}
      <p>
        <code>{outputName()}</code>
      </p>
      <button type="button" class="button primary" onClick={() => void download(format.value)}>
        {t.take.download}
      </button>
    </section>
  );
}

function RecipeCard() {
  return (
    <section class="card" aria-labelledby="recipe-title">
      <h2 id="recipe-title">{t.take.recipe}</h2>
      <p class="note">{t.take.recipeNote}</p>
      <pre class="code">{recipeText()}</pre>
      <div class="row">
        <button type="button" class="button plain" onClick={saveRecipe}>
          {t.take.recipeSave}
        </button>
        <FilePicker
          label={t.take.recipeLoad}
          accept=".json,application/json"
          onFiles={([file]) => file && void loadRecipe(file)}
        />
      </div>
      <h3>{t.take.command}</h3>
      <pre class="code">{commandLine()}</pre>
      <div class="row">
        <button type="button" class="button plain" onClick={() => void copy(commandLine())}>
          {t.take.copy}
        </button>
      </div>
    </section>
  );
}

function ScriptCard() {
  const made = script();
  return (
    <section class="card" aria-labelledby="script-title">
      <h2 id="script-title">{t.take.script}</h2>
      {made ? (
        <>
          {made.missing.length > 0 && <p class="notice">{t.take.scriptPartly(made.missing.join(', '))}</p>}
          <Scroll label="quantize.py" tall>
            <pre class="code">{made.text}</pre>
          </Scroll>
          <div class="row">
            <button
              type="button"
              class="button plain"
              onClick={() => saveText(made.text, 'quantize.py', 'text/x-python')}
            >
              {t.take.scriptSave}
            </button>
            <button type="button" class="button plain" onClick={() => void copy(made.text)}>
              {t.take.copy}
            </button>
          </div>
        </>
      ) : (
        <p class="note">{t.take.scriptNone}</p>
      )}
    </section>
  );
}

function ReportCard() {
  const chart = useRef<HTMLDivElement>(null);
  const layers = results.value?.comparison.layers ?? [];
  const save = () => {
    const svg = chart.current?.querySelector('svg');
    saveReport(svg ? [{ title: t.compare.layers, svg: standalone(svg) }] : []);
  };
  return (
    <section class="card" aria-labelledby="report-title">
      <h2 id="report-title">{t.take.report}</h2>
      <p class="note">{t.take.reportNote}</p>
      <div ref={chart} aria-hidden="true">
        {layers.length > 0 && <LayersChart layers={layers} at={-1} onAt={() => {}} onOpen={() => {}} />}
      </div>
      <div class="row">
        <button type="button" class="button plain" onClick={save}>
          {t.take.reportSave}
        </button>
      </div>
    </section>
  );
}

function LinkCard() {
  return (
    <section class="card" aria-labelledby="link-title">
      <h2 id="link-title">{t.take.link}</h2>
      <p class="note">{t.take.linkNote}</p>
      <pre class="code">{currentLink()}</pre>
      <div class="row">
        <button type="button" class="button plain" onClick={() => void copy(currentLink())}>
          {t.take.linkCopy}
        </button>
      </div>
    </section>
  );
}

function OrtCard() {
  const check = ortCheck.value;
  return (
    <section class="card" aria-labelledby="ort-title">
      <h2 id="ort-title">{t.take.ort}</h2>
      <p class="note">{t.take.ortNote}</p>
      <div class="row">
        <button type="button" class="button plain" disabled={busy.value} onClick={() => void checkWithOrt()}>
          {t.take.ortGo}
        </button>
      </div>
      {check && (
        <dl class="facts" data-testid="ort">
          <div>
            <dt>{t.take.ortAgree}</dt>
            <dd>{formatDb(check.sqnr, t.compare.equal)}</dd>
          </div>
          <div>
            <dt>{t.compare.maxError}</dt>
            <dd>{formatValue(check.most)}</dd>
          </div>
          <div>
            <dt>{t.take.ortTime}</dt>
            <dd>{formatMs(check.ms)}</dd>
          </div>
          <div>
            <dt>{t.compare.outputs}</dt>
            <dd>{formatInteger(check.values)}</dd>
          </div>
        </dl>
      )}
    </section>
  );
}

export function TakeView() {
  if (!results.value) {
    return (
      <div class="take-view">
        <p class="empty">{t.take.notYet}</p>
        <RecipeCard />
      </div>
    );
  }
  return (
    <div class="take-view">
      <Onnx />
      <ReportCard />
      <RecipeCard />
      <ScriptCard />
      <LinkCard />
      <OrtCard />
    </div>
  );
}
