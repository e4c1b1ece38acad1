// Runs side by side.

import { useEffect, useState } from "../vendor/hooks.js";
import { get, path } from "../api.js";
import { number, rises, seconds, time, words } from "../format.js";
import { Badge, Bones, Card, Empty, Head, Problem, Scroll, at, html } from "../parts.js";

export default function Compare({ query }) {
  const ids = (query.get("runs") ?? "").split(",").filter(Boolean).slice(0, 4);
  const [runs, set] = useState(null);
  const [error, fail] = useState(null);
  useEffect(() => { Promise.all(ids.map((id) => get(path("runs", id)))).then(set, fail); }, [query.get("runs")]);
  return html`
    <${Head} title="Runs side by side" crumbs=${[["Runs", "/console/runs"]]} sub="The best value of each metric on the test split is marked. Values compare where the runs had the same data." />
    <${Problem} error=${error} />
    ${ids.length < 2 && html`<${Card} label="Comparison"><${Empty} icon="runs" title="Choose two runs or more"><a href="/console/runs">In the list of runs</a>, by the boxes before them.<//><//>`}
    ${ids.length > 1 && !error && html`<${Card} label="Comparison" bare>${runs ? html`<${Table} runs=${runs} />` : html`<div class="in"><${Bones} /></div>`}<//>`}`;
}

function Table({ runs }) {
  const tests = runs.map((run) => run.metrics?.test ?? {});
  const names = [...new Set(tests.flatMap(Object.keys))].sort();
  const agents = [...new Set(runs.flatMap((run) => run.stages.map((stage) => stage.agent)))];
  const best = (name) => {
    const values = tests.map((test) => test[name]).filter(Number.isFinite);
    return new Set(values).size > 1 ? (rises(name) ? Math.max(...values) : Math.min(...values)) : null;
  };
  const row = (name, cells) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="num">${cell ?? "–"}</td>`)}</tr>`;
  return html`<${Scroll} label="Runs side by side"><table>
    <thead><tr><th><span class="hidden">Of each run</span></th>${runs.map((run) => html`<th class="num"><a href=${at("runs", run.run_id)}>${run.name || run.run_id}</a></th>`)}</tr></thead>
    <tbody>
      ${row("Status", runs.map((run) => html`<${Badge} status=${run.status} />`))}
      ${row("Request", runs.map((run) => run.text || run.run_id))}
      ${row("Requested", runs.map((run) => time(run.created_at)))}
      ${row("Model", runs.map((run) => run.model?.version && html`<a href=${at("models", run.model.name, "versions", run.model.version)}>${run.model.name} ${run.model.version}</a>`))}
      ${row("Algorithm", runs.map((run) => run.model && words(run.model.algorithm)))}
      ${row("Warnings", runs.map((run) => run.warnings.length))}
      ${names.map((name) => { const top = best(name); return html`<tr><th scope="row">${name}</th>${runs.map((run, index) => {
        const value = tests[index][name];
        const [low, high] = run.metrics?.test_interval_95?.[name] ?? [];
        return html`<td class=${`num ${value === top ? "best" : ""}`}>${number(value)}${low !== undefined && html`<div class="under">${number(low)} to ${number(high)}</div>`}</td>`;
      })}</tr>`; })}
      ${row("Time", runs.map((run) => run.seconds != null ? seconds(run.seconds) : null))}
      ${agents.map((agent) => row(agent, runs.map((run) => { const stage = run.stages.find((stage) => stage.agent === agent); return stage?.seconds != null ? seconds(stage.seconds) : stage ? words(stage.status) : null; })))}
    </tbody>
  </table><//>`;
}
