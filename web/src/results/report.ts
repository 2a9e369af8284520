// The report: one HTML file without scripts or links, for screens and for paper. Pure: everything it shows is given.

/** Text, or a small chart. */
export type ReportCell = string | { svg: string };

export interface ReportTable {
  title: string;
  /** Sentences above it. */
  notes?: readonly string[];
  head: readonly string[];
  rows: readonly (readonly ReportCell[])[];
}

export interface ReportContent {
  lang: string;
  title: string;
  made: string;
  facts: readonly (readonly [string, string])[];
  /** Standalone SVG. */
  charts: readonly { title: string; svg: string }[];
  tables: readonly ReportTable[];
  recipeTitle: string;
  recipe: string;
}

const escaped = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] as string,
  );

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1a22; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.9rem; letter-spacing: -0.02em; margin: 0; } h2 { margin: 2rem 0 .6rem; font-size: 1.15rem; }
.made { color: #5a5561; } dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .6rem 1.4rem; }
dt { color: #5a5561; font-size: .84rem; } dd { margin: 0; font-size: 1.15rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; font-size: .86rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #ddd6c9; overflow-wrap: anywhere; }
th { overflow-wrap: normal; } .short { white-space: nowrap; }
svg { max-width: 100%; height: auto; } pre { background: #f5f2ec; padding: .8rem; white-space: pre-wrap; font-size: .82rem; }
@media print { body { margin: 0; } h2 { break-after: avoid; } tr, svg { break-inside: avoid; } }`;

/** Numbers and single words stay on one line; names may break anywhere. */
const SHORT = 12;

function cellHtml(cell: ReportCell): string {
  if (typeof cell !== 'string') return `<td>${cell.svg}</td>`;
  return `<td${cell.length <= SHORT ? ' class="short"' : ''}>${escaped(cell)}</td>`;
}

const tableHtml = ({ title, notes = [], head, rows }: ReportTable): string => `<h2>${escaped(title)}</h2>
${notes.map((note) => `<p>${escaped(note)}</p>`).join('')}
<table><thead><tr>${head.map((h) => `<th scope="col">${escaped(h)}</th>`).join('')}</tr></thead><tbody>
${rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('\n')}
</tbody></table>`;

export function reportHtml(content: ReportContent): string {
  const { lang, title, made, facts, charts, tables, recipe, recipeTitle } = content;
  return `<!doctype html>
<html lang="${escaped(lang)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1><p class="made">${escaped(made)}</p>
<dl>${facts.map(([term, value]) => `<div><dt>${escaped(term)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>
${charts.map((chart) => `<h2>${escaped(chart.title)}</h2>${chart.svg}`).join('\n')}
${tables.map(tableHtml).join('\n')}
<h2>${escaped(recipeTitle)}</h2><pre>${escaped(recipe)}</pre>
</body></html>
`;
}
