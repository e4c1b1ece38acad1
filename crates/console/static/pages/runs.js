// Runs: the list, as it changes; one run and the comparison of several are pages of their own.

import { useEffect, useState } from "../vendor/hooks.js";
import { useQuery, withQuery } from "../api.js";
import { useRuns } from "../live.js";
import { ago, number, seconds, time, tone, words } from "../format.js";
import { Answer, Badge, Bones, Card, Empty, Guard, Head, Scroll, at, go, html } from "../parts.js";

const STATUSES = ["queued", "running", "succeeded", "failed", "cancelled"];
const PAGE = 50;
/** Pages below this one. */
const INNER = { compare: () => import("./compare.js"), run: () => import("./run.js") };

export default function Pages({ parts, query }) {
  const inner = parts[0] === "compare" ? "compare" : parts[0] && "run";
  const [loaded, set] = useState({});
  useEffect(() => {
    if (inner) INNER[inner]().then((module) => set({ inner, module }));
  }, [inner]);
  if (!inner) return html`<${Runs} query=${query} />`;
  if (loaded.inner !== inner) return html`<${Bones} />`;
  return html`<${Guard} of=${parts[0]}><${loaded.module.default} run=${parts[0]} query=${query} key=${parts[0]} /><//>`;
}

/** The stages of a run in small. */
export const Meter = ({ stages }) => html`<span class="meter" role="img" aria-label=${`${stages.filter((stage) => ["succeeded", "partial"].includes(stage.status)).length} of ${stages.length} stages done`}>${stages.map((stage) => html`<i class=${tone(stage.status === "queued" ? "pending" : stage.status)} title=${`${stage.agent}: ${stage.status}`}></i>`)}</span>`;

/** The metric that a run is known by, with its value on the test split. */
export function headline(run) {
  const test = run.metrics?.test ?? {};
  const name = ["roc_auc", "r2", "accuracy", "rmse"].find((name) => name in test) ?? Object.keys(test)[0];
  return name ? [name, test[name]] : null;
}

const heading = (run) => run.text || run.name || run.run_id;

function Runs({ query }) {
  const status = query.get("status") ?? "";
  const search = query.get("search") ?? "";
  const before = query.get("before") ?? "";
  const [typed, type] = useState(search);
  const [chosen, choose] = useState([]);
  const [fresh, setFresh] = useState({});
  const [now, setNow] = useState(Date.now());
  const page = useQuery(withQuery("/api/v1/runs", { limit: PAGE, status, search, before }));
  const health = useQuery("/api/v1/health", 5000);
  const move = (fields) => go(withQuery("runs", { status, search, ...fields }), { replace: true });

  useEffect(() => { setFresh({}); }, [status, search, before]);
  useEffect(() => { const timer = setInterval(() => setNow(Date.now()), 5000); return () => clearInterval(timer); }, []);
  useEffect(() => {
    if (typed === search) return undefined;
    const timer = setTimeout(() => move({ search: typed }), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  useRuns((run) => {
    if (run === null) page.again();
    else setFresh((known) => ({ ...known, [run.run_id]: run }));
  }, [status, search, before]);

  const wanted = (run) => (!status || run.status === status) && (!search || [run.run_id, run.name, run.text].some((text) => (text ?? "").toLowerCase().includes(search.toLowerCase())));
  const shown = (listed) => {
    const known = new Map(listed.map((run) => [run.run_id, run]));
    for (const run of Object.values(fresh)) if (known.has(run.run_id) || !before) known.set(run.run_id, run);
    const latest = [...known.values()].filter(wanted).sort((a, b) => (b.created_at ?? "").localeCompare(a.created_at ?? ""));
    return before ? latest : latest.slice(0, PAGE);
  };
  const counts = health.data?.runs ?? {};
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const toggle = (run) => choose((before) => before.includes(run) ? before.filter((other) => other !== run) : [...before, run].slice(-4));

  return html`
    <${Head} title="Runs" sub="From a request to a deployed, monitored model, as it happens.">
      ${chosen.length > 1 && html`<a class="button" href=${withQuery("/console/runs/compare", { runs: chosen.join(",") })}>Compare ${chosen.length} runs</a>`}
      <a class="button main" href="/console/submit">New run</a>
    <//>
    <${Card} label="Runs" bare>
      <header>
        <div class="pills" role="group" aria-label="Status">
          <button aria-pressed=${String(!status)} onClick=${() => move({ status: "" })}>all <span class="n">${total || ""}</span></button>
          ${STATUSES.map((name) => html`<button aria-pressed=${String(status === name)} onClick=${() => move({ status: name })}>${words(name)} <span class="n">${counts[name] ?? ""}</span></button>`)}
        </div>
        <input class="push" type="search" style=${{ maxWidth: "260px" }} placeholder="Search runs" aria-label="Search runs by request, name or id" value=${typed} onInput=${(event) => type(event.target.value)} />
      </header>
      <div style=${{ height: "10px" }}></div>
      ${!page.data ? html`<div class="in"><${Answer} of=${page} lines=${7}>${() => null}<//></div>` : html`<${Table} runs=${shown(page.data.runs)} now=${now} chosen=${chosen} toggle=${toggle} fresh=${fresh} nothing=${!status && !search && !before} />`}
      ${(page.data?.next || before) && html`<div class="in"><div class="row">
        ${before && html`<button onClick=${() => move({ before: "" })}>Latest runs</button>`}
        ${page.data?.next && html`<button class="push" onClick=${() => move({ before: page.data.next })}>Earlier runs</button>`}
      </div></div>`}
    <//>`;
}

function Table({ runs, now, chosen, toggle, fresh, nothing }) {
  if (runs.length === 0) {
    if (!nothing) return html`<${Empty} icon="runs" title="No run is like this">Another status or another search finds others.<//>`;
    return html`<${Empty} icon="runs" title="No run yet">
      <p>Ask for a model in one sentence, or name a table and the column to be predicted.</p>
      <a class="button main" href="/console/submit">New run</a>
      <pre>tier0 submit "Train churn prediction model for Kisqali HCPs"</pre>
    <//>`;
  }
  return html`<${Scroll} label="Table of runs"><table>
    <thead><tr><th><span class="hidden">Compare</span></th><th>Run</th><th>Status</th><th class="wide">Stages</th><th class="num wide">Result</th><th class="num wide">Time</th><th class="num">Requested</th></tr></thead>
    <tbody>${runs.map((run) => {
      const result = headline(run);
      const took = run.seconds ?? (run.created_at && !run.ended_at ? (now - new Date(run.created_at)) / 1000 : null);
      return html`<tr key=${run.run_id} class=${fresh[run.run_id] ? "new" : ""}>
        <td><input type="checkbox" aria-label=${`Compare ${run.run_id}`} checked=${chosen.includes(run.run_id)} onChange=${() => toggle(run.run_id)} /></td>
        <td class="lead"><a class="title" href=${at("runs", run.run_id)}>${heading(run)}</a><span class="under mono">${run.run_id}</span>${run.reason && html`<span class="under"> · ${run.failed_stage}: ${run.code ? words(run.code) : run.reason}</span>`}</td>
        <td><${Badge} status=${run.status} />${run.warnings.length > 0 && html`<div class="under">${run.warnings.length} warning${run.warnings.length > 1 ? "s" : ""}</div>`}</td>
        <td class="wide"><${Meter} stages=${run.stages} /></td>
        <td class="num wide">${result && html`${number(result[1])}<div class="under">${result[0]}</div>`}</td>
        <td class="num wide">${seconds(took)}</td>
        <td class="num"><span title=${time(run.created_at)}>${ago(run.created_at, now)}</span></td>
      </tr>`;
    })}</tbody>
  </table><//>`;
}
