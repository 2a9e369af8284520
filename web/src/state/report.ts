// The report of the shown run, as a file: what was measured, and what was found before.
import type { HalftoneModel } from '../engine/types';
import { formatBytes, formatDb, formatMs, formatPercentDigits, median } from '../format';
import { t } from '../i18n';
import { langTag } from '../i18n/lang';
import { reportHtml } from '../results/report';
import { saveText } from '../save';
import { opened, results } from './app';
import { judgement } from './judged';
import { memoryOf } from './memory';
import { toRecipe } from './recipe';
import { reportTables } from './report_tables';
import { baseName } from './take';

/** Where it was measured. */
const memoryFacts = (...networks: [string, HalftoneModel][]): [string, string][] =>
  networks.flatMap(([name, model]) => {
    const bytes = memoryOf.value.get(model);
    return typeof bytes === 'number' ? [[`${t.compare.memory}, ${name}`, formatBytes(bytes)] as [string, string]] : [];
  });

/** `charts`: what is drawn on the page, as standalone SVG. */
export function saveReport(charts: readonly { title: string; svg: string }[]): void {
  const shown = results.value;
  const open = opened.value;
  if (!shown || !open) return;
  const judged = judgement.value;
  const facts: [string, string][] = [
    [`${t.compare.size}, ${t.compare.original}`, formatBytes(shown.original.bytes)],
    [`${t.compare.size}, ${t.compare.compressed}`, formatBytes(shown.compressed.bytes)],
    [`${t.compare.latency}, ${t.compare.original}`, formatMs(median(shown.original.times))],
    [`${t.compare.latency}, ${t.compare.compressed}`, formatMs(median(shown.compressed.times))],
    ...memoryFacts([t.compare.original, open.model], [t.compare.compressed, shown.made]),
    [t.compare.sqnr, formatDb(shown.comparison.outputs[0]?.sqnr ?? null, t.compare.equal)],
  ];
  if (judged)
    facts.push(
      [`${t.judge.accuracy}, ${t.compare.original}`, formatPercentDigits(judged.original.accuracy, 1)],
      [`${t.judge.accuracy}, ${t.compare.compressed}`, formatPercentDigits(judged.compressed.accuracy, 1)],
    );
  const date = new Intl.DateTimeFormat(langTag(), { dateStyle: 'long' }).format(new Date());
  const html = reportHtml({
    lang: langTag(),
    title: t.take.reportTitle(open.fileName),
    made: t.take.reportMade(date),
    facts,
    charts,
    tables: reportTables(shown),
    recipeTitle: t.take.recipe,
    recipe: JSON.stringify(toRecipe(shown.steps), null, 2),
  });
  saveText(html, `${baseName()}-report.html`, 'text/html');
}
