// One version: how good it is, what it depends on, where it came from, and when it answered.

import { useState } from "../vendor/hooks.js";
import { path, useQuery } from "../api.js";
import { bytes, number, percent, short, time, whole, words } from "../format.js";
import { Answer, Badge, Card, Empty, Facts, Head, Scroll, Tabs, at, html } from "../parts.js";
import { Bars, Spark, UnitCurve } from "../plots.js";
import { Contributions } from "./contributions.js";
import { VersionLineage } from "./lineage.js";
import { Explanation, Metrics } from "./run.js";

const TABS = ["Metrics", "Evaluation", "Dependence", "Segments", "Lineage", "Card"];

export default function Version({ model, version }) {
  const base = path("models", model, "versions", version);
  const of = useQuery(base, 8000);
  const evaluation = useQuery(`${base}/evaluation`);
  const board = useQuery(`${base}/leaderboard`);
  const [tab, setTab] = useState(TABS[0]);
  const shown = of.data;
  return html`
    <${Head} title=${`${model} · version ${shown?.version ?? version}`} crumbs=${[["Models", "/console/models"], [model, at("models", model)]]} sub=${shown && `${words(shown.algorithm)}, ${words(shown.problem_type)}, registered ${time(shown.created_at)}`}>
      ${shown && html`<${Badge} status=${shown.stage} />${(shown.aliases ?? []).map((alias) => html`<span class="badge plain accent">${alias}</span>`)}`}
    <//>
    <${Card} label="Version">
      <${Tabs} names=${TABS} chosen=${tab} choose=${setTab} label="What is told of the version" />
      ${tab === "Metrics" && html`<${Answer} of=${of}>${(version) => html`<${Metrics} test=${version.metrics.test ?? {}} intervals=${Object.fromEntries(Object.entries(version.intervals).map(([name, { low, high }]) => [name, [low, high]]))} baseline=${evaluation.data?.baseline} />`}<//>`}
      ${tab === "Evaluation" && html`<${Answer} of=${evaluation}>${(of) => html`<${Evaluation} of=${of} />`}<//>`}
      ${tab === "Dependence" && html`<${Answer} of=${board}>${({ leaderboard }) => html`<${Contributions} of=${leaderboard?.served.explanation} problem=${shown?.problem_type} /><${Dependence} of=${leaderboard?.served.explanation} importance=${evaluation.data?.importance ?? []} />`}<//>`}
      ${tab === "Segments" && html`<${Answer} of=${board}>${({ leaderboard }) => html`<${Segments} of=${leaderboard?.served.segments ?? []} />`}<//>`}
      ${tab === "Lineage" && html`<${Answer} of=${of}>${(version) => html`<${Lineage} of=${version} />`}<//>`}
      ${tab === "Card" && html`<${Answer} of=${evaluation}>${({ card }) => html`<${ModelCard} text=${card} />`}<//>`}
    <//>`;
}

function Evaluation({ of }) {
  if (of.calibration_curve.length === 0) {
    return of.importance.length ? html`<h3>Importance of features</h3><${Bars} label="Importance" of=${of.importance.slice(0, 20).map(({ feature, share }) => [feature, share, percent(share)])} />` : html`<${Empty} icon="monitoring" title="No curves for this problem">Curves are of two classes. The metrics stand beside this.<//>`;
  }
  const rows = of.calibration_curve.reduce((sum, bin) => sum + bin.rows, 0);
  const { roc_curve: roc, precision_recall_curve: pr, confusion } = of;
  const positive = of.positive_class ?? "positive";
  return html`<div class="cards">
    <${UnitCurve} points=${roc.map(({ x, y }) => [x, y])} ideal=${[[0, 0], [1, 1]]} x="false positive rate" label="ROC curve" caption="ROC at ten thresholds of the test split; the y axis is the true positive rate." />
    <${UnitCurve} points=${pr.map(({ x, y }) => [x, y])} x="recall" label="Precision-recall curve" caption="Precision (y axis) by recall, at the same thresholds." />
    <${UnitCurve} points=${of.calibration_curve.map((bin) => [bin.predicted, bin.observed])} ideal=${[[0, 0], [1, 1]]} x=${`predicted probability of ${positive}`} label="Calibration curve" caption=${`How often what was predicted came true, on ${whole(rows)} test rows in ten bins.`} />
    <div class="stack">
      <h3>Confusion at ${of.threshold != null ? `threshold ${number(of.threshold)}` : "the threshold"}</h3>
      ${confusion ? html`<div class="matrix" role="group" aria-label="Confusion matrix">
        <span></span><span class="name">called ${positive}</span><span class="name">called other</span>
        <span class="name">is ${positive}</span><span class="hit"><b>${whole(confusion.true_positive)}</b>found</span><span class="miss"><b>${whole(confusion.false_negative)}</b>missed</span>
        <span class="name">is other</span><span class="miss"><b>${whole(confusion.false_positive)}</b>false alarms</span><span class="hit"><b>${whole(confusion.true_negative)}</b>rightly passed</span>
      </div>` : html`<p class="sub">It does not follow from what the bundle keeps, as with weighted rows.</p>`}
    </div>
    <${Threshold} bins=${of.calibration_curve} positive=${positive} threshold=${of.threshold} />
    <${Lift} bins=${of.calibration_curve} />
    ${of.importance.length > 0 && html`<div class="stack"><h3>Importance of features</h3><${Bars} label="Importance" of=${of.importance.slice(0, 10).map(({ feature, share }) => [feature, share, percent(share)])} /></div>`}
  </div>`;
}

/** Rows and positive ones of the bins from the one at `first` on, which stand in the order of their probability. */
const since = (bins, first) => bins.slice(first).reduce((sum, bin) => [sum[0] + bin.rows, sum[1] + bin.rows * bin.observed], [0, 0]);

/** What a threshold at the lower end of each bin finds, misses and costs. */
function outcomes(bins, alarm, miss) {
  const [all, positive] = since(bins, 0);
  return [...bins, null].map((bin, index) => {
    const [called, found] = since(bins, index);
    const threshold = bin ? (index ? (bins[index - 1].predicted + bin.predicted) / 2 : 0) : 1;
    return { threshold, called, found, missed: positive - found, alarms: called - found, all, cost: alarm * (called - found) + miss * (positive - found) };
  });
}

function Threshold({ bins, positive, threshold }) {
  const [costs, setCosts] = useState({ alarm: "1", miss: "5" });
  const [chosen, choose] = useState(null);
  const cost = (name) => Math.max(0, Number(costs[name]) || 0);
  const all = outcomes(bins, cost("alarm"), cost("miss"));
  const nearest = (value) => all.reduce((best, one, index) => (Math.abs(one.threshold - value) < Math.abs(all[best].threshold - value) ? index : best), 0);
  const place = chosen ?? nearest(threshold ?? 0.5);
  const at = all[place];
  const cheapest = all.reduce((best, one, index) => (one.cost < all[best].cost ? index : best), 0);
  const input = (name, label) => html`<div class="field"><label for=${`cost-${name}`}>${label}</label><input id=${`cost-${name}`} type="number" min="0" step="any" value=${costs[name]} onInput=${(event) => setCosts({ ...costs, [name]: event.target.value })} /></div>`;
  return html`<div class="stack">
    <h3>Threshold and what it costs</h3>
    <div class="field"><label for="threshold">A row is called ${positive} from a probability of ${number(at.threshold)} on</label>
      <input id="threshold" type="range" min="0" max=${all.length - 1} step="1" value=${place} aria-valuetext=${number(at.threshold)} onInput=${(event) => choose(Number(event.target.value))} /></div>
    <div class="fields">${input("alarm", "Cost of a false alarm")}${input("miss", "Cost of a miss")}</div>
    <${Facts} of=${[
      ["Called", `${whole(at.called)} of ${whole(at.all)} test rows`], ["Precision", at.called ? percent(at.found / at.called) : "–"],
      ["Recall", at.found + at.missed ? percent(at.found / (at.found + at.missed)) : "–"], ["False alarms", whole(Math.round(at.alarms))],
      ["Misses", whole(Math.round(at.missed))], ["Cost", html`<b>${number(at.cost)}</b>`],
    ]} />
    <div class="row"><button class="small" disabled=${cheapest === place} onClick=${() => choose(cheapest)}>The cheapest: ${number(all[cheapest].threshold)}, at ${number(all[cheapest].cost)}</button></div>
    <p class="sub">At the ends of the ten bins of the calibration curve. The threshold that the model serves is its own; a request chooses it by the costs of its errors.</p>
  </div>`;
}

function Lift({ bins }) {
  const [all, positive] = since(bins, 0);
  if (!all || !positive) return null;
  const rows = bins.map((_, index) => since(bins, index)).reverse();
  return html`<div class="stack"><h3>Lift</h3><${Scroll} label="Lift"><table>
    <thead><tr><th>Test rows by probability</th><th class="num">Rows</th><th class="num">Found</th><th class="num">Lift</th></tr></thead>
    <tbody>${rows.map(([called, found]) => html`<tr><th scope="row">the first ${percent(called / all)}</th><td class="num">${whole(called)}</td><td class="num">${percent(found / positive)}</td><td class="num">${number(found / positive / (called / all))}</td></tr>`)}</tbody>
  </table><//></div>`;
}

function Dependence({ of, importance }) {
  const [chosen, choose] = useState(0);
  if (!of) return importance.length ? html`<${Bars} label="Importance" of=${importance.slice(0, 20).map(({ feature, share }) => [feature, share, percent(share)])} />` : html`<${Explanation} of=${null} />`;
  const curves = of.effects.filter((effect) => effect.points.length > 1);
  const effect = curves[Math.min(chosen, curves.length - 1)];
  return html`
    <${Explanation} of=${of} />
    ${effect && html`<div class="stack"><h3>Partial dependence: the mean prediction by the value of one input</h3>
      <div class="field" style=${{ maxWidth: "320px" }}><label for="effect">Input</label><select id="effect" value=${String(curves.indexOf(effect))} onChange=${(event) => choose(Number(event.target.value))}>${curves.map((one, index) => html`<option value=${String(index)}>${one.input}</option>`)}</select></div>
      <div style=${{ maxWidth: "640px" }}><${Spark} points=${effect.points} label=${`Mean prediction by ${effect.input}`} /></div></div>`}`;
}

function Segments({ of }) {
  if (of.length === 0) return html`<${Empty} icon="feature-analyzer" title="No segments were asked for">Group columns of a request make metrics for each of their values: <code>--group COLUMN</code>.<//>`;
  const names = [...new Set(of.flatMap((segment) => Object.keys(segment.metrics)))].sort();
  return html`<${Scroll} label="Metrics by segment"><table><thead><tr><th>Segment</th><th class="num">Rows</th>${names.map((name) => html`<th class="num">${name}</th>`)}</tr></thead>
    <tbody>${of.map((segment) => html`<tr><th scope="row">${segment.column} = ${segment.value || "missing"}</th><td class="num">${whole(segment.rows)}</td>${names.map((name) => html`<td class="num">${number(segment.metrics[name])}</td>`)}</tr>`)}</tbody></table><//>`;
}

function Lineage({ of }) {
  const model = useQuery(path("models", of.model), 8000);
  return html`<${VersionLineage} of=${of} versions=${model.data?.versions ?? []} /><div class="cards">
    <div class="stack"><h3>Where it came from</h3><${Facts} of=${[
      ["Run", html`<a class="mono" href=${at("runs", of.run_id)}>${of.run_id}</a>`],
      ["Data", html`<span class="mono" title=${of.data_sha256}>sha256 ${short(of.data_sha256)}</span>`],
      ["Before it", of.parent_version && html`<a href=${at("models", of.model, "versions", of.parent_version)}>version ${of.parent_version}</a>`],
      ["Bundle", html`<span class="mono" title=${of.digest}>sha256 ${short(of.digest)}</span>`], ["Size", bytes(of.bytes)],
      ["Inputs", of.inputs.length], ["Classes", of.classes.join(", ")],
    ]} />
    ${of.endpoints.length > 0 && html`<h3>Held by</h3><${Facts} of=${of.endpoints.map((one) => [html`<a href=${at("endpoints", one.endpoint)}>${one.endpoint}</a>`, words(one.role)])} />`}</div>
    <div class="stack"><h3>When it was live</h3>
      ${of.deployments.length === 0 ? html`<p class="sub">It has not answered at an endpoint.</p>` : html`<ol class="timeline">${of.deployments.map((one) => html`<li><span class=${`dot ${one.live ? "good" : ""}`}></span><div><strong>${one.live ? "Began to answer" : "Ceased to answer"}</strong> at <a href=${at("endpoints", one.endpoint)}>${one.endpoint}</a>${one.reason && html`<div>${one.reason}</div>`}<div class="under">${time(one.at)} · by ${one.by}</div></div></li>`)}</ol>`}
      <h3>Stages</h3><ol class="timeline">${of.transitions.map((step) => html`<li><span class="dot"></span><div><strong>${step.from} → ${step.to}</strong>${step.reason && html`<div>${step.reason}</div>`}<div class="under">${time(step.at)} · by ${step.by}</div></div></li>`)}</ol>
      ${of.notes.length > 0 && html`<h3>Notes</h3>${of.notes.map((note) => html`<div class="note">${note.text}<div class="under">${time(note.at)} · by ${note.by}</div></div>`)}`}
    </div>
  </div>`;
}

/** The model card: headings, lists, tables and paragraphs of Markdown; everything else stays as it is written. */
function ModelCard({ text }) {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, "").trim().split(/\n{2,}/);
  const inline = (line) => line.split("`").map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));
  const cells = (line) => line.replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  return html`<div class="prose">${body.map((block) => {
    const lines = block.split("\n");
    if (/^#+ /.test(block)) return html`<h3>${inline(block.replace(/^#+ /, ""))}</h3>`;
    if (lines.length > 1 && lines[0].startsWith("|")) return html`<${Scroll} label="Table of the model card"><table><thead><tr>${cells(lines[0]).map((cell) => html`<th>${inline(cell)}</th>`)}</tr></thead><tbody>${lines.slice(2).map((line) => html`<tr>${cells(line).map((cell) => html`<td>${inline(cell)}</td>`)}</tr>`)}</tbody></table><//>`;
    if (lines.every((line) => line.startsWith("- "))) return html`<ul>${lines.map((line) => html`<li>${inline(line.slice(2))}</li>`)}</ul>`;
    return html`<p>${inline(block)}</p>`;
  })}</div>`;
}
