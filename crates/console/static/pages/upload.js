// A file that becomes the table of a run: it is sent, looked at, and shown before anything is begun.

import { useRef, useState } from "../vendor/hooks.js";
import { send, useLack } from "../api.js";
import { bytes, percent, whole, words } from "../format.js";
import { Badge, Scroll, html } from "../parts.js";

/** Columns that are shown before the rest is asked for. */
const FEW = 15;

/**
 * Sends a file and shows the table in it.
 * `taken` is told of the table, or of none while another is sent; `choose` of a column that is to be predicted.
 */
export function Upload({ table, chosen, error, taken, choose }) {
  const [sending, setSending] = useState(null);
  const [refused, setRefused] = useState(null);
  const latest = useRef(0);
  const lack = useLack("submit_runs");
  const pick = async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const turn = ++latest.current;
    taken(null);
    setRefused(null);
    setSending(file);
    try {
      const found = await send(`/api/v1/uploads?name=${encodeURIComponent(file.name)}`, file);
      if (turn === latest.current) taken({ ...found, name: file.name });
    } catch (failure) {
      if (turn === latest.current) setRefused(failure);
    } finally {
      if (turn === latest.current) setSending(null);
    }
  };
  const wrong = refused ?? error;
  return html`
    <div class="field">
      <label for="field-file">File<span class="hidden"> (needed)</span></label>
      <input id="field-file" type="file" accept=".csv,.tsv,.tab,.txt,.json,.jsonl,.ndjson,.parquet,.pq,.arrow,.feather,.ipc,.gz,.zst" disabled=${lack !== null} title=${lack} aria-describedby="field-file-hint" aria-invalid=${wrong ? "true" : null} onChange=${pick} />
      <small id="field-file-hint">${lack ?? "CSV, JSON Lines, Parquet or Arrow. It is stored in the fleet, and nothing begins before you say so."}</small>
      ${wrong && html`<div class="wrong" role="alert">${wrong.message}</div>`}
    </div>
    <div role="status">${sending && html`<span class="sub">Sending ${sending.name}, ${bytes(sending.size)}, and looking at it…</span>`}</div>
    ${table && html`<${Preview} table=${table} chosen=${chosen} choose=${choose} />`}`;
}

function Preview({ table, chosen, choose }) {
  const [all, setAll] = useState(false);
  const columns = all ? table.columns : table.columns.slice(0, FEW);
  return html`<div class="stack">
    <p class="sub">${table.name}: ${whole(table.rows)} rows of ${whole(table.columns.length)} columns, ${bytes(table.bytes)}, ${words(table.data_format.replace("DATA_FORMAT_", "")).toLowerCase()}.</p>
    ${table.targets.length > 0 && html`<div class="row" role="group" aria-label="Columns that may be the target">
      <span class="sub">To be predicted may be</span>
      ${table.targets.map((choice) => html`<button type="button" class="small" aria-pressed=${String(choice.column === chosen)} title=${`${choice.problem_type}: ${choice.reason}`} onClick=${() => choose(choice.column)}>${choice.column}</button>`)}
    </div>`}
    ${table.notes.length > 0 && html`<ul class="stack" aria-label="What was told from the file">${table.notes.slice(0, 10).map((note) => html`<li class="note warn">${note}</li>`)}</ul>`}
    <${Scroll} label="Columns of the file"><table>
      <thead><tr><th>Column</th><th>Type</th><th class="num">Missing</th><th class="num">Different</th><th>Examples</th></tr></thead>
      <tbody>${columns.map((column) => html`<tr key=${column.name}>
        <th scope="row">${column.name}${column.name === chosen && html` <${Badge} kind="accent" label="target" />`}</th>
        <td>${words(column.column_type)}</td>
        <td class="num">${column.missing ? percent(column.missing / table.rows) : "–"}</td>
        <td class="num">${whole(column.distinct)}</td>
        <td class="under">${column.personal ? `personal data: ${column.personal}` : column.examples.join(", ")}</td>
      </tr>`)}</tbody>
    </table><//>
    ${table.columns.length > FEW && html`<div class="row"><button type="button" class="small" onClick=${() => setAll(!all)}>${all ? `The first ${FEW} columns` : `All ${table.columns.length} columns`}</button></div>`}
  </div>`;
}
