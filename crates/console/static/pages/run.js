// One run: the pipeline as it lights up, what each stage did, how the model was chosen.

import { useEffect, useState } from "../vendor/hooks.js";
import { path, useChange, useQuery } from "../api.js";
import { useRuns } from "../live.js";
import { bytes, number, percent, seconds, short, time, tone, whole, words } from "../format.js";
import { Act, Answer, Badge, Card, Confirm, Copyable, Empty, Facts, Head, Icon, Problem, Scroll, Tabs, at, html, toast } from "../parts.js";
import { Bars, Interval, LearningCurve, Parallel, SearchHistory, Spread } from "../plots.js";
import { STAGES } from "../stages.js";

/** Steps of the history that are shown before a person asks for all of them. */
const FEW = 10;
/** What a transition is called. */
const SAID = {
  accepted: "Request accepted", driven_anew: "Driven anew", started: "Work began", retrying: "Attempt failed; tried again",
  settled: "Done", reused: "Earlier work taken over", handed_off: "Handed on", dead_lettered: "Put aside as a dead letter",
  noted: "Noted", cancelled: "Cancelled", ended: "Ended",
};

export default function RunPage({ run: id }) {
  const asked = useQuery(path("runs", id));
  const [live, setLive] = useState(null);
  const [open, setOpen] = useState(null);
  const [doing, setDoing] = useState(null);
  const change = useChange();
  useRuns((run) => {
    if (run === null) asked.again();
    else if (run.run_id === id) setLive(run);
  }, [id]);
  const run = live ?? asked.data;
  // What a later question says counts as well, as after a retry.
  useEffect(() => { if (asked.data) setLive(asked.data); }, [asked.data]);
  if (!run) return html`<${Head} title=${id} crumbs=${[["Runs", "/console/runs"]]} /><${Card} label="Run"><${Answer} of=${asked}>${() => null}<//><//>`;

  const ended = ["succeeded", "failed", "cancelled"].includes(run.status);
  const act = (name, body, said) => async (reason) => {
    const done = await change.make(path("runs", id, name), { ...body, ...(name === "cancel" && reason ? { reason } : {}) });
    if (done) { toast(said); asked.again(); }
    return Boolean(done);
  };
  return html`
    <${Head} title=${run.text || run.name || id} crumbs=${[["Runs", "/console/runs"]]} sub=${html`${(run.text || run.name) && html`<span class="mono">${id}</span>`}${run.epoch > 0 && ` · driven anew ${run.epoch} time${run.epoch > 1 ? "s" : ""}`}`}>
      <${Badge} status=${run.status} />
      ${!ended && html`<${Act} right="change_own_runs" class="danger" onClick=${() => setDoing("cancel")}>Cancel<//>`}
      ${["failed", "cancelled"].includes(run.status) && html`<${Act} right="change_own_runs" class="main" onClick=${() => setDoing("retry")}>Retry<//>`}
      ${run.endpoint && html`<a class="button" href=${at("endpoints", run.endpoint.name)}>Endpoint</a>`}
    <//>
    ${doing === "cancel" && html`<${Confirm} title="Cancel this run?" danger label="Cancel the run" change=${change} close=${() => { change.clear(); setDoing(null); }}
      what="The stage that works on it stops within seconds, and no later stage begins. What is deployed stays as it is. The run can be retried." act=${act("cancel", {}, "The run is cancelled")} />`}
    ${doing === "retry" && html`<${Confirm} title="Retry this run?" label="Retry" reason="" change=${change} close=${() => { change.clear(); setDoing(null); }}
      what=${`It goes on at ${run.failed_stage ?? "the stage where it ended"}, with the work of the stages before it.`} act=${act("retry", {}, "The run goes on")} />`}
    ${run.reason && html`<${Failure} run=${run} retry=${() => setDoing("retry")} />`}
    <${Card} label="Pipeline" bare>
      <ol class="pipeline">${pipeline(run).map((stage) => html`<${Stage} stage=${stage} run=${run} open=${open === stage.agent} choose=${() => setOpen(open === stage.agent ? null : stage.agent)} key=${stage.agent} />`)}</ol>
    <//>
    ${open && html`<${StageDetail} run=${run} stage=${pipeline(run).find((stage) => stage.agent === open)} />`}
    <${Verdicts} run=${run} />
    <${Data} run=${run} />
    <${Outcome} run=${run} />
    <${Chosen} run=${run} />
    <${History} run=${run} />`;
}

/** The stages of the plan; before it is known, all. */
const pipeline = (run) => (run.stages.length ? run.stages : Object.keys(STAGES).map((agent) => ({ agent, status: "pending", attempts: 0 })));

function Stage({ stage, run, open, choose }) {
  const done = ["succeeded", "partial"].includes(stage.status);
  const warnings = run.warnings.filter((warning) => warning.agent === stage.agent).length;
  const colour = done ? "good" : stage.status === "queued" ? "" : tone(stage.status);
  const busy = stage.status === "running" || stage.status === "retrying";
  return html`<li class=${`stage ${colour} ${done || busy || stage.status === "failed" ? "reached" : ""}`}>
    <button onClick=${choose} aria-pressed=${String(open)} aria-label=${`${STAGES[stage.agent]?.title ?? stage.agent}: ${words(stage.status)}${warnings ? `, ${warnings} warnings` : ""}`}><${Icon} name=${stage.agent} /></button>
    <strong>${STAGES[stage.agent]?.title ?? stage.agent}</strong>
    <small>${stage.seconds != null ? seconds(stage.seconds) : words(stage.status)}${stage.attempts > 1 ? ` · ${stage.attempts} attempts` : ""}${stage.reused_from ? " · reused" : ""}${warnings ? ` · ${warnings} ⚠` : ""}</small>
    ${busy && stage.progress != null && html`<div class="bar" role="progressbar" aria-label=${`${stage.agent} progress`} aria-valuenow=${Math.round(stage.progress * 100)} aria-valuemin="0" aria-valuemax="100"><i style=${{ width: `${stage.progress * 100}%` }}></i></div>`}
  </li>`;
}

function StageDetail({ run, stage }) {
  const warnings = run.warnings.filter((warning) => warning.agent === stage.agent);
  return html`<${Card} title=${`${STAGES[stage.agent]?.title ?? stage.agent} · ${stage.agent}`} actions=${html`<${Badge} status=${stage.status} />`}>
    <p class="sub">${STAGES[stage.agent]?.does}</p>
    <${Facts} of=${[
      ["Time", stage.seconds != null ? seconds(stage.seconds) : null],
      ["Attempts", stage.attempts || null],
      ["Reused from", stage.reused_from && html`<a href=${at("runs", stage.reused_from)}>${stage.reused_from}</a>`],
      ["Now", stage.detail],
      ["Last error", stage.last_error],
    ]} />
    <${Warnings} of=${warnings} />
  <//>`;
}

/** What the stages decided, as the last handoff tells it. */
function Verdicts({ run }) {
  const done = run.stages.filter((stage) => ["succeeded", "partial"].includes(stage.status)).length;
  const asked = useQuery(done > 0 ? path("runs", run.run_id, "verdicts") : null);
  useEffect(() => { if (done > 0) asked.again(); }, [done, run.epoch]);
  if (!asked.data) return null;
  const { scope, quality_gate: gate, features, criteria, deployment } = asked.data;
  const issues = gate?.issues.filter((issue) => issue.blocking || issue.message) ?? [];
  return html`<${Card} title="What was decided">
    <div class="cards">
      ${scope && html`<div class="stack"><h3>Scope</h3><${Facts} of=${[["Target", `${scope.target}${scope.positive_class ? ` = ${scope.positive_class}` : ""}`], ["Problem", `${words(scope.problem_type)}${scope.evidence ? `: ${scope.evidence}` : ""}`], ["Metric", scope.metric], ["Left out", Object.entries(scope.excluded_columns).map(([column, reason]) => `${column} (${reason})`).join(", ")], ["Features", features && `${features.kept} kept, ${features.rejected} not`]]} /></div>`}
      ${gate && html`<div class="stack"><div class="row"><h3>Quality gate</h3><${Badge} status=${gate.passed ? "succeeded" : "failed"} label=${gate.passed ? "passed" : "not passed"} /></div>
        <${Facts} of=${[["Score", `${number(gate.score)} of at least ${number(gate.threshold)}`], ["Rows", `${whole(gate.rows_kept)} of ${whole(gate.rows_read)}`], ["Splits", Object.entries(gate.splits).map(([name, rows]) => `${words(name)} ${whole(rows)}`).join(", ")]]} />
        <${Bars} label="Dimensions of quality" of=${Object.entries(gate.dimensions).map(([name, score]) => [name, score, number(score)])} />
        ${issues.length > 0 && html`<details><summary>${issues.length} findings</summary><ul class="stack">${issues.map((issue) => html`<li class=${`note ${issue.blocking ? "bad" : ""}`}><div>${issue.message}</div><small class="mono">${issue.code}${issue.column ? ` · ${issue.column}` : ""}</small></li>`)}</ul></details>`}</div>`}
      ${criteria.length > 0 && html`<div class="stack"><h3>Criteria on the test split</h3><${Scroll} label="Criteria"><table><thead><tr><th>Metric</th><th class="num">Value</th><th class="num">Wanted</th><th>Verdict</th></tr></thead>
        <tbody>${criteria.map((one) => html`<tr><th scope="row">${one.metric}</th><td class="num">${number(one.value)}</td><td class="num">${number(one.threshold)}</td><td><${Badge} kind=${one.met ? "good" : one.gate ? "bad" : "warn"} label=${one.met ? "met" : one.gate ? "gate not met" : "not met"} /></td></tr>`)}</tbody></table><//></div>`}
      ${deployment && html`<div class="stack"><h3>Deployment</h3><${Facts} of=${[["Strategy", deployment.strategy], ["Checked", `${whole(deployment.checked_rows)} rows before traffic; greatest difference ${number(deployment.max_difference)}`], ["Servers", deployment.servers.join(", ")]]} /></div>`}
    </div>
  <//>`;
}

/** The columns that the run learned from. */
function Data({ run }) {
  const prepared = run.stages.some((stage) => stage.agent === "data-preparer" && ["succeeded", "partial"].includes(stage.status));
  const asked = useQuery(prepared ? path("runs", run.run_id, "data") : null);
  useEffect(() => { if (prepared) asked.again(); }, [prepared, run.epoch]);
  if (!asked.data || asked.data.columns.length === 0) return null;
  const { rows, columns, omitted, excluded_columns: excluded } = asked.data;
  const value = (one) => (typeof one === "number" ? number(one) : one ?? "–");
  return html`<${Card} title="The data" bare><details class="in"><summary>${columns.length + omitted} columns of ${whole(rows)} training rows${Object.keys(excluded).length ? `; ${Object.keys(excluded).length} left out` : ""}</summary>
    <${Scroll} label="Columns of the data"><table>
      <thead><tr><th>Column</th><th class="num">Missing</th><th class="num">Different</th><th>Spread</th><th class="wide">Least, middle, greatest; most frequent</th></tr></thead>
      <tbody>${columns.map(({ name, type, missing, distinct, distinct_estimated: about, spread, values }) => html`<tr key=${name}>
        <th scope="row">${name}<div class="under">${type}</div></th><td class="num">${percent(missing / rows)}</td><td class="num">${about ? "about " : ""}${whole(distinct)}</td>
        <td>${spread ? html`<${Spread} of=${spread.histogram} label=${`Spread of ${name}`} />` : values.length > 0 && html`<${Spread} of=${values.map(({ rows }, place) => ({ from: place, to: place + 1, rows }))} label=${`Most frequent values of ${name}`} />`}</td>
        <td class="wide">${spread && html`${value(spread.min)}, ${value(spread.median)}, ${value(spread.max)}`}${values.length > 0 && html`<span class="under">${values.slice(0, 4).map((one) => `${one.value || "empty"} ${percent(one.rows / rows)}`).join(" · ")}</span>`}${!spread && values.length === 0 && html`<span class="under">values are not told</span>`}</td>
      </tr>`)}</tbody></table><//>
    ${omitted > 0 && html`<p class="sub">${whole(omitted)} more columns are not shown.</p>`}
    ${Object.keys(excluded).length > 0 && html`<p class="sub">Left out: ${Object.entries(excluded).map(([column, reason]) => `${column} (${reason})`).join(", ")}.</p>`}
  </details><//>`;
}

const Warnings = ({ of }) => of.length > 0 && html`<ul class="stack" aria-label="Warnings">${of.map((warning) => html`<li class="note warn"><div>${warning.message}</div><small class="mono">${warning.code} · ${warning.agent}</small></li>`)}</ul>`;

function Failure({ run, retry }) {
  return html`<div class="note bad" role="alert">
    <strong>${run.status === "cancelled" ? "Cancelled" : "Failed"} at ${run.failed_stage ?? "the intake"}${run.code ? ` · ${words(run.code)}` : ""}</strong>
    <div>${run.reason}</div>
    ${run.suggestions?.length > 0 && html`<div>What would be accepted:<ul>${run.suggestions.map((one) => html`<li>${one}</li>`)}</ul></div>`}
    <div class="row"><${Act} right="change_own_runs" class="small" onClick=${retry}>Retry from ${run.failed_stage ?? "there"}<//><a class="button" href=${`/console/submit?like=${encodeURIComponent(run.run_id)}`}>New run with other options</a></div>
  </div>`;
}

/** Metrics with their intervals, and the baseline's. */
export function Metrics({ test, intervals, baseline = {}, label = "Metrics on the test split" }) {
  const names = Object.keys(test).sort();
  return html`<${Scroll} label=${label}><table>
    <thead><tr><th>Metric</th><th class="num">Value</th><th class="wide"><span class="hidden">Drawn</span></th><th class="num">95 % interval</th><th class="num">Baseline</th></tr></thead>
    <tbody>${names.map((name) => {
      const [low, high] = intervals[name] ?? [];
      const of = [low, high, test[name], baseline[name]].filter(Number.isFinite);
      const span = [Math.min(...of), Math.max(...of)];
      return html`<tr><th scope="row">${name}</th><td class="num"><b>${number(test[name])}</b></td><td class="wide">${low !== undefined && html`<${Interval} value=${test[name]} low=${low} high=${high} span=${span} />`}</td><td class="num">${low !== undefined ? `${number(low)} to ${number(high)}` : "–"}</td><td class="num">${number(baseline[name])}</td></tr>`;
    })}</tbody>
  </table><//>`;
}

function Outcome({ run }) {
  if (!run.model) return run.warnings.length > 0 && html`<${Card} title="Warnings"><${Warnings} of=${run.warnings} /><//>`;
  const { test = {}, test_interval_95: intervals = {}, baseline = {} } = run.metrics;
  return html`<div class="pair">
    <${Card} title="Model" actions=${run.model.version && html`<a class="button" href=${at("models", run.model.name, "versions", run.model.version)}>Version ${run.model.version}</a>`}>
      <${Facts} of=${[
        ["Name", run.model.name], ["Algorithm", words(run.model.algorithm)], ["Digest", html`<span class="mono" title=${run.model.digest}>${short(run.model.digest)}</span>`],
        ["Endpoint", run.endpoint && html`<a href=${at("endpoints", run.endpoint.name)}>${run.endpoint.name}</a>`],
        ["Requested", time(run.created_at)], ["Took", run.seconds != null ? seconds(run.seconds) : null], ["Priority", run.priority],
      ]} />
      <${Warnings} of=${run.warnings} />
    <//>
    <${Card} title="Metrics on the test split" bare><${Metrics} test=${test} intervals=${intervals} baseline=${baseline} /><//>
  </div>`;
}

function Chosen({ run }) {
  const selected = run.stages.some((stage) => stage.agent === "model-selector" && ["succeeded", "partial"].includes(stage.status));
  const trained = Boolean(run.model);
  const board = useQuery(selected ? path("runs", run.run_id, "leaderboard") : null);
  useEffect(() => { if (selected) board.again(); }, [trained, run.epoch]);
  const [tab, setTab] = useState("Leaderboard");
  if (!selected) return null;
  const tabs = ["Leaderboard", "Search", "Selection", "What it depends on"];
  return html`<${Card} label="How the model was chosen">
    <${Tabs} names=${tabs} chosen=${tab} choose=${setTab} label="How the model was chosen" />
    <${Answer} of=${board}>${({ leaderboard, selection, problem }) => html`
      ${problem && html`<${Problem} error=${{ message: problem }} />`}
      ${tab === "Leaderboard" && (leaderboard ? html`<${Leaderboard} of=${leaderboard} />` : html`<${Empty} icon="model-trainer" title="The search is not done yet">Its trials stand here once it is.<//>`)}
      ${tab === "Search" && (leaderboard ? html`<${Search} of=${leaderboard} />` : html`<${Empty} icon="model-trainer" title="The search is not done yet" />`)}
      ${tab === "Selection" && (selection ? html`<${Selection} of=${selection} />` : html`<${Empty} icon="model-selector" title="This run had no selection" />`)}
      ${tab === "What it depends on" && html`<${Explanation} of=${leaderboard?.served.explanation} />`}`}<//>
  <//>`;
}

function Leaderboard({ of }) {
  const [open, setOpen] = useState(null);
  const [all, setAll] = useState(false);
  const shown = all ? of.entries : of.entries.slice(0, 12);
  return html`
    <${Scroll} label="Trials, the best first"><table>
      <thead><tr><th class="num">#</th><th>Algorithm</th><th class="num">${of.metric}</th><th class="num wide">Spread</th><th class="num">Weight</th><th class="num wide">Fit</th><th class="num wide">Row</th><th class="num wide">Size</th><th><span class="hidden">Hyperparameters</span></th></tr></thead>
      <tbody>${shown.map((entry) => html`
        <tr key=${entry.trial}>
          <td class="num">${entry.rank ?? "–"}</td>
          <td><span class="title">${words(entry.algorithm)}</span><span class="under">trial ${entry.trial}${entry.profile ? ` · ${entry.profile}` : ""}${entry.pruned ? " · given up early" : ""}</span></td>
          <td class=${`num ${entry.trial === of.best_trial ? "best" : ""}`}>${number(entry.score)}</td>
          <td class="num wide">${entry.score_std != null ? `± ${number(entry.score_std)}` : "–"}</td>
          <td class="num">${entry.weight > 0 ? number(entry.weight) : "–"}</td>
          <td class="num wide">${seconds(entry.fit_seconds)}</td>
          <td class="num wide">${entry.predict_microseconds != null ? `${number(entry.predict_microseconds)} µs` : "–"}</td>
          <td class="num wide">${bytes(entry.bytes)}</td>
          <td><button class="quiet small" aria-expanded=${String(open === entry.trial)} onClick=${() => setOpen(open === entry.trial ? null : entry.trial)}>${open === entry.trial ? "Less" : "More"}<span class="hidden"> of trial ${entry.trial}</span></button></td>
        </tr>
        ${open === entry.trial && html`<tr key=${`${entry.trial}-more`}><td></td><td colspan="8"><div class="cards">
          <${Facts} of=${Object.entries(entry.parameters).map(([name, value]) => [name, number(value)])} />
          <${Facts} of=${[["Fold scores", entry.fold_scores.map(number).join(", ")], ["Log loss", entry.log_loss != null ? number(entry.log_loss) : null], ["Iterations", entry.iterations || null]]} />
        </div></td></tr>`}`)}</tbody>
    </table><//>
    ${of.entries.length > 12 && html`<div class="row"><button class="small" onClick=${() => setAll(!all)}>${all ? "The best 12" : `All ${of.entries.length} trials`}</button></div>`}`;
}

function Search({ of }) {
  return html`<div class="cards">
    <div class="stack">
      <${SearchHistory} entries=${of.entries} metric=${of.metric} greater=${of.greater_is_better} />
      <${Parallel} entries=${of.entries} metric=${of.metric} greater=${of.greater_is_better} best=${of.best_trial} />
      <${LearningCurve} points=${of.learning_curve} metric=${of.metric} />
    </div>
    <div class="stack">
      <${Facts} of=${[
        ["Trials", whole(of.entries.length)], ["Folds", of.folds && `${of.folds}${of.repeats > 1 ? ` × ${of.repeats}` : ""}`], ["Ended by", words(of.ended_by)],
        ["Search", of.search_seconds && `${seconds(of.search_seconds)} of ${seconds(of.budget_seconds)}`], ["Last fits", of.refit_seconds && seconds(of.refit_seconds)],
        ["Serves", words(of.served.algorithm)], ["Calibration", of.served.calibration], ["Threshold", of.served.threshold && number(of.served.threshold)],
        ["Learned from", of.served.trained_rows && `${whole(of.served.trained_rows)} rows`],
      ]} />
      ${of.ensemble.length > 0 && html`<h3>Ensemble</h3><${Bars} label="Weights of the ensemble" of=${of.ensemble.map((member) => [`${words(member.algorithm)} · trial ${member.trial}`, member.weight, number(member.weight)])} />`}
    </div>
  </div>`;
}

function Selection({ of }) {
  return html`
    <p class="sub">${of.candidates.length} algorithms on ${whole(of.sample_rows)} rows and ${of.folds} folds, by ${of.metric}; the baseline reaches ${number(of.baseline_score)}.</p>
    <${Scroll} label="Candidates"><table>
      <thead><tr><th>Algorithm</th><th class="num">${of.metric}</th><th class="num">Spread</th><th class="num wide">Fit</th><th class="wide">Why</th></tr></thead>
      <tbody>${of.candidates.map((one) => html`<tr><th scope="row">${words(one.algorithm)}</th><td class="num">${number(one.score)}</td><td class="num">± ${number(one.score_std)}</td><td class="num wide">${seconds(one.fit_seconds)}</td><td class="wide under">${one.rationale}</td></tr>`)}</tbody>
    </table><//>
    ${of.rejected.length > 0 && html`<details><summary>${of.rejected.length} not measured</summary><${Facts} of=${of.rejected.map((one) => [words(one.algorithm), one.reason])} /></details>`}`;
}

/** What predictions depend on, as it was measured on test rows. */
export function Explanation({ of }) {
  if (!of) return html`<${Empty} icon="feature-analyzer" title="This was not measured">A model that was trained tells what its predictions depend on.<//>`;
  return html`<div class="cards">
    <div class="stack"><h3>How much a prediction changes with each input</h3><${Bars} label="Effects of inputs" of=${of.effects.slice(0, 12).map((effect) => [effect.input, effect.effect, `${number(effect.effect)}${effect.direction ? ` ${effect.direction}` : ""}`])} /></div>
    <div class="prose"><h3>In words</h3><p>${of.summary}</p>
      ${of.interactions.length > 0 && html`<h3>What acts together</h3><${Bars} label="Interactions" of=${of.interactions.slice(0, 6).map((pair) => [`${pair.first} × ${pair.second}`, pair.strength, number(pair.strength)])} />`}
    </div>
  </div>`;
}

/** Where the time of a stage went: what it waited, read, computed and wrote. */
const spent = (times) => [["waited", times.waiting], ["read", times.reading], ["computed", times.computing], ["wrote", times.writing]]
  .filter(([, took]) => took >= 0.001).map(([what, took]) => `${what} ${seconds(took)}`).join(", ");

function History({ run }) {
  const done = run.stages.filter((stage) => !["pending", "queued", "running"].includes(stage.status)).length;
  const timeline = useQuery(path("runs", run.run_id, "timeline"), ["queued", "running"].includes(run.status) ? 3000 : 0);
  const [all, setAll] = useState(false);
  useEffect(() => { timeline.again(); }, [done, run.status, run.epoch]);
  return html`<${Card} title="What happened">
    ${run.trace_id && html`<${Facts} of=${[["Trace", run.trace_url ? html`<a class="mono" href=${run.trace_url} target="_blank" rel="noreferrer">${run.trace_id}<span class="hidden"> (opens a new tab)</span></a>` : html`<span class="mono">${run.trace_id}</span>`]]} />`}
    <${Answer} of=${timeline}>${({ timeline: steps, omitted }) => html`
      ${omitted > 0 && html`<p class="sub">${omitted} earlier steps are left out.</p>`}
      ${steps.length > FEW && html`<div class="row"><button class="small" onClick=${() => setAll(!all)}>${all ? `The last ${FEW} steps` : `All ${steps.length} steps`}</button></div>`}
      <ol class="timeline">${(all ? steps : steps.slice(-FEW)).map((step) => html`<li key=${`${step.stream}${step.sequence}${step.kind}`}>
        <span class=${`dot ${step.kind === "retrying" || step.kind === "dead_lettered" ? "warn" : step.status === "failed" ? "bad" : ["settled", "reused"].includes(step.kind) ? "good" : ["started", "handed_off"].includes(step.kind) ? "busy" : ""}`}></span>
        <div><strong>${SAID[step.kind] ?? words(step.kind)}</strong> · ${step.agent}${step.seconds != null ? ` · ${seconds(step.seconds)}` : ""}${step.times ? ` (${spent(step.times)})` : ""}${step.attempt > 1 ? ` · attempt ${step.attempt}` : ""}
          ${step.message && html`<div>${step.message}</div>`}
          <div class="under">${time(step.at)}${step.replica ? ` · ${step.replica}` : ""}${step.reused_from ? html` · <a href=${at("runs", step.reused_from)}>${step.reused_from}</a>` : ""}</div></div>
      </li>`)}</ol>
      <details><summary>The same on the command line</summary><${Copyable} label="Command" text=${`tier0 runs show ${run.run_id} --trials`} /></details>`}<//>
  <//>`;
}
