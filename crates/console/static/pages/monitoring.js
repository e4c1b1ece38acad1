// Monitoring: alerts and retrainings of all endpoints, and drift and performance of each.

import { useState } from "../vendor/hooks.js";
import { path, useChange, useQuery, withQuery } from "../api.js";
import { ago, milliseconds, number, seconds, time, whole, words } from "../format.js";
import { Act, Answer, Badge, Card, Confirm, Empty, Facts, Head, Scroll, at, html, toast } from "../parts.js";
import { Bars, OverTime, TwoSides } from "../plots.js";

const EVERY = 3000;

export default function Pages({ parts }) {
  return parts[0] ? html`<${Endpoint} name=${parts[0]} key=${parts[0]} />` : html`<${Overview} />`;
}

function Overview() {
  const endpoints = useQuery("/api/v1/endpoints", 10000);
  return html`
    <${Head} title="Monitoring" sub="Every answer is recorded once; drift, quality, latency and outcomes are judged on windows of them." />
    <${Alerts} />
    <${Retrainings} />
    <${Card} title="Endpoints" bare><div style=${{ height: "8px" }}></div>
      ${endpoints.data?.endpoints.length ? html`<${Scroll} label="Watched endpoints"><table><thead><tr><th>Endpoint</th><th>Live</th><th class="num">Since</th></tr></thead><tbody>${endpoints.data.endpoints.map((one) => html`<tr><td><a class="title" href=${at("monitoring", one.name)}>${one.name}</a></td><td>${one.live ? `version ${one.live.version}` : "–"}</td><td class="num">${ago(one.updated_at)}</td></tr>`)}</tbody></table><//>`
        : endpoints.data ? html`<${Empty} icon="monitoring" title="Nothing is watched yet">An endpoint is watched from its deployment on.<//>` : html`<div class="in"><${Answer} of=${endpoints}>${() => null}<//></div>`}
    <//>`;
}

/** Alerts, of one endpoint or of all; open ones first. */
function Alerts({ endpoint }) {
  const [state, setState] = useState("open");
  const alerts = useQuery(withQuery("/api/v1/alerts", { endpoint, state, limit: 50 }), EVERY);
  const [doing, setDoing] = useState(null);
  const change = useChange();
  const act = (verb) => async (note) => {
    const done = await change.make(path("alerts", doing.alert.alert_id, verb), { note });
    if (done) { toast(verb === "acknowledge" ? "The alert is acknowledged" : "The alert is resolved"); alerts.again(); }
    return Boolean(done);
  };
  const close = () => { change.clear(); setDoing(null); };
  return html`<${Card} title="Alerts" bare actions=${html`<div class="pills" role="group" aria-label="State of alerts">${["open", "resolved", "all"].map((name) => html`<button aria-pressed=${String(state === name)} onClick=${() => setState(name)}>${name}</button>`)}</div>`}>
    ${doing?.verb === "acknowledge" && html`<${Confirm} title="Acknowledge this alert?" label="Acknowledge" reason="Note" change=${change} close=${close} what=${`It stays open as acknowledged, with your note, and is not sent again at its severity. It says: ${doing.alert.reason}`} act=${act("acknowledge")} />`}
    ${doing?.verb === "resolve" && html`<${Confirm} title="Resolve this alert?" label="Resolve" reason="Note" change=${change} close=${close} what=${`It is over, with your note; where the next check finds the same, it is raised anew. It says: ${doing.alert.reason}`} act=${act("resolve")} />`}
    ${alerts.data?.alerts.length ? html`<div style=${{ height: "8px" }}></div><${Scroll} label="Alerts"><table><thead><tr><th>Alert</th><th>Severity</th><th>State</th><th class="num wide">Found</th><th><span class="hidden">Answer</span></th></tr></thead>
      <tbody>${alerts.data.alerts.map((alert) => html`<tr key=${alert.alert_id}>
        <td><span class="title">${words(alert.kind)}${alert.subject ? ` · ${alert.subject}` : ""}</span><span class="under">${alert.reason}</span>${!endpoint && html`<div><a href=${at("monitoring", alert.endpoint)}>${alert.endpoint}</a></div>`}${alert.note && html`<div class="under">“${alert.note}” — ${alert.resolved_by || alert.acknowledged_by}</div>`}</td>
        <td><${Badge} status=${alert.severity} kind=${alert.severity === "info" ? "" : null} /></td><td><${Badge} status=${alert.state} /></td>
        <td class="num wide" title=${time(alert.last_at)}>${ago(alert.last_at)}<div class="under">${whole(alert.occurrences)} times</div></td>
        <td><div class="row acts">${alert.state === "active" && html`<${Act} right="answer_alerts" class="small" onClick=${() => setDoing({ verb: "acknowledge", alert })}>Acknowledge<//>`}${alert.state !== "resolved" && html`<${Act} right="answer_alerts" class="small" onClick=${() => setDoing({ verb: "resolve", alert })}>Resolve<//>`}</div></td>
      </tr>`)}</tbody></table><//>`
      : alerts.data ? html`<${Empty} icon="monitoring" title=${state === "open" ? "No open alert" : "No such alert"}>${state === "open" && "What is found at the next checks stands here."}<//>` : html`<div class="in"><${Answer} of=${alerts}>${() => null}<//></div>`}
  <//>`;
}

/** Retrainings, of one endpoint or of all, the newest first. */
function Retrainings({ endpoint }) {
  const asked = useQuery(endpoint ? path("endpoints", endpoint, "retraining") : "/api/v1/retraining", EVERY);
  const [doing, setDoing] = useState(null);
  const change = useChange();
  const records = asked.data ? (endpoint ? [asked.data] : asked.data.retraining) : [];
  const attempts = records.flatMap((record) => record.attempts.slice(0, 10).map((attempt) => ({ endpoint: record.endpoint, ...attempt })));
  const act = (verb) => async (note) => {
    const done = await change.make(path("endpoints", doing.attempt.endpoint, "retraining", verb), { request_id: doing.attempt.request_id, note });
    if (done) { toast(verb === "approve" ? "The retraining is approved" : "The retraining is declined"); asked.again(); }
    return Boolean(done);
  };
  const close = () => { change.clear(); setDoing(null); };
  return html`<${Card} title="Retrainings" bare>
    ${doing && html`<${Confirm} title=${doing.verb === "approve" ? "Approve this retraining?" : "Decline this retraining?"} label=${doing.verb === "approve" ? "Approve" : "Decline"} danger=${doing.verb === "decline"} reason="Note" change=${change} close=${close}
      what=${doing.verb === "approve" ? `A run trains a model of ${doing.attempt.endpoint} on ${doing.attempt.batch ? `${whole(doing.attempt.batch.rows)} monitored rows` : "its source, read anew"}. It is promoted only where it is better on the hold-out.` : `Nothing is trained, and version ${doing.attempt.cause.version} of ${doing.attempt.endpoint} answers on.`} act=${act(doing.verb)} />`}
    ${attempts.length ? html`<div style=${{ height: "8px" }}></div><${Scroll} label="Retrainings"><table><thead><tr><th>Retraining</th><th>State</th><th class="num wide">Rows</th><th class="num wide">Began</th><th><span class="hidden">Answer</span></th></tr></thead>
      <tbody>${attempts.map((attempt) => html`<tr key=${attempt.request_id}>
        <td><span class="title">${attempt.endpoint} · from version ${attempt.cause.version}${attempt.version ? ` to ${attempt.version}` : ""}</span><span class="under">${attempt.cause.reason}</span>${attempt.reason && html`<div class="under">${attempt.reason}</div>`}${attempt.run_id && html`<div><a class="mono" href=${at("runs", attempt.run_id)}>${attempt.run_id}</a></div>`}${attempt.issues.map((issue) => html`<div class="under">${issue.blocking ? "Blocks: " : "Warns: "}${issue.message}</div>`)}</td>
        <td><${Badge} status=${attempt.state} /></td><td class="num wide">${attempt.batch ? whole(attempt.batch.rows) : "–"}</td><td class="num wide" title=${time(attempt.started_at)}>${ago(attempt.started_at)}<div class="under">${attempt.seconds ? seconds(attempt.seconds) : ""}</div></td>
        <td><div class="row acts">${attempt.state === "proposed" && html`<${Act} right="answer_retrainings" class="small main" onClick=${() => setDoing({ verb: "approve", attempt })}>Approve<//><${Act} right="answer_retrainings" class="small" onClick=${() => setDoing({ verb: "decline", attempt })}>Decline<//>`}</div></td>
      </tr>`)}</tbody></table><//>`
      : asked.data ? html`<${Empty} icon="model-trainer" title="No retraining">Where drift is critical and outcomes are known, one is proposed or begun.<//>` : html`<div class="in"><${Answer} of=${asked}>${() => null}<//></div>`}
  <//>`;
}

function Endpoint({ name }) {
  const of = useQuery(path("endpoints", name, "monitoring"), EVERY);
  const history = useQuery(path("endpoints", name, "monitoring", "history"), EVERY);
  return html`
    <${Head} title=${name} crumbs=${[["Monitoring", "/console/monitoring"]]} sub=${of.data?.monitor && `Version ${of.data.monitor.version} of ${of.data.monitor.model}, watched since ${time(of.data.monitor.registered_at)}`}><a class="button" href=${at("endpoints", name)}>Endpoint</a><//>
    ${of.data ? html`<${Counts} of=${of.data.counts} />` : html`<${Card} label="Counts"><${Answer} of=${of}>${() => null}<//><//>`}
    <${Alerts} endpoint=${name} />
    ${of.data && html`<${Drift} of=${of.data.drift} history=${history.data?.drift ?? []} />
      <${Performance} of=${of.data.performance} history=${history.data?.performance ?? []} metric=${of.data.monitor?.metric} />`}
    <${Retrainings} endpoint=${name} />`;
}

function Counts({ of }) {
  if (!of) return html`<${Card} label="Counts"><${Empty} icon="monitoring" title="No request yet">The first predictions are counted within seconds.<//><//>`;
  const tile = (name, value) => html`<div class="card tile"><span>${name}</span><b>${value}</b></div>`;
  return html`<div class="tiles">
    ${tile("Answers", whole(of.answers))}${tile("Rows", whole(of.rows))}${tile("Mean time", milliseconds(of.mean_latency_ms))}
    ${Object.entries(of.rows_by_prediction).slice(0, 4).map(([name, rows]) => tile(`Predicted ${name}`, whole(rows)))}
  </div>`;
}

const HEAT = { none: "good", warning: "warn", critical: "bad" };

function Drift({ of, history }) {
  if (!of) return html`<${Card} title="Drift"><${Empty} icon="monitoring" title="No drift report yet">A window of enough rows is compared with the reference of training.<//><//>`;
  const columns = [...of.report.columns].sort((a, b) => b.effect - a.effect);
  const looks = [...of.predictions.columns, ...columns].filter((column) => column.distributions).slice(0, 8);
  const times = history.slice(-16);
  const cell = (point, name) => [...point.inputs, ...point.predictions].find((column) => column.name === name);
  const rows = [...columns.slice(0, 14).map((column) => column.name), ...of.predictions.columns.slice(0, 3).map((column) => column.name)];
  return html`<${Card} title="Drift" actions=${html`<${Badge} status=${of.report.verdict} kind=${HEAT[of.report.verdict] === "good" ? "good" : null} label=${of.report.verdict === "none" ? "no drift" : words(of.report.verdict)} />`}>
    <p class="sub">${whole(of.rows)} rows since ${time(of.from)} against the training rows; found ${ago(of.at)}.</p>
    ${times.length > 1 && html`<h3>Verdict per column at the latest ${times.length} checks</h3>
      <div class="heat" role="img" aria-label="Verdicts of drift by column over the latest checks" style=${{ gridTemplateColumns: `minmax(90px, max-content) repeat(${times.length}, minmax(6px, 1fr))` }}>
        ${rows.map((name) => html`<span>${name}</span>${times.map((point) => { const found = cell(point, name); return html`<i class=${found ? HEAT[found.verdict] : ""} title=${`${name}, ${time(point.at)}: ${found ? `${found.verdict}, effect ${number(found.effect)}` : "not compared"}`}></i>`; })}`)}
      </div>
      <${OverTime} label="Effect of drift over time" caption="Effect as a share of its critical limit, of the columns that drift most; 1 is critical." limit=${1} lines=${columns.slice(0, 4).map((column) => ({ name: column.name, points: times.map((point) => [new Date(point.at).getTime(), cell(point, column.name)?.share_of_critical]).filter(([, value]) => Number.isFinite(value)) }))} />`}
    ${looks.length > 0 && html`<details open=${of.report.verdict !== "none"}><summary>What the columns look like</summary>
      <div class="legend"><span><i class="swatch before"></i> training</span><span><i class="swatch"></i> now</span></div>
      <div class="pairs">${looks.map((column) => html`<div><h3>${column.name}</h3><${TwoSides} of=${column.distributions} label=${`Shares of ${column.name} in training and now, in ${column.distributions.reference.length} cells`} /></div>`)}</div></details>`}
    <${Scroll} label="Drift by column"><table><thead><tr><th>Column</th><th>Verdict</th><th class="num">Effect</th><th class="wide">Statistic</th><th class="num wide">p, corrected</th><th class="wide">Why</th></tr></thead>
      <tbody>${[...of.predictions.columns, ...columns].slice(0, 30).map((column) => html`<tr><th scope="row">${column.name}</th><td><${Badge} status=${column.verdict} kind=${HEAT[column.verdict]} /></td><td class="num">${number(column.effect)}</td><td class="wide">${words(column.statistic)}</td><td class="num wide">${number(column.adjusted_p_value)}</td><td class="wide under">${column.reasons.join("; ")}</td></tr>`)}</tbody></table><//>
  <//>`;
}

function Performance({ of, history, metric }) {
  if (!of) return html`<${Card} title="Performance"><${Empty} icon="monitoring" title="No outcome is known yet">Outcomes are told by <code>tier0 feedback</code> or <code>POST /api/v1/endpoints/E/feedback</code>; before that, performance is estimated once a window has enough rows.<//><//>`;
  const names = [...new Set([...Object.keys(of.metrics), ...Object.keys(of.estimated)])].sort();
  const line = (kind) => history.map((point) => [new Date(point.at).getTime(), point[kind][metric]]).filter(([, of]) => of).map(([at, of]) => [at, of.value, of.low, of.high]);
  const lines = [{ name: `${metric} measured`, points: line("metrics") }, { name: `${metric} estimated`, points: line("estimated") }].filter((one) => one.points.length > 1);
  return html`<${Card} title="Performance">
    <${Facts} of=${[["Labelled rows", whole(of.labelled)], ["Joined outcomes", whole(of.joined)], ["Without a prediction", of.unmatched || null], ["Estimated on", of.estimated_rows ? `${whole(of.estimated_rows)} rows` : null], ["Computed", ago(of.at)]]} />
    ${lines.length > 0 && html`<${OverTime} lines=${lines} label=${`${metric} over time`} caption=${`${metric} over the latest checks, with intervals; the dashed line is the test split's.`} limit=${of.reference[metric]} />`}
    <${Scroll} label="Performance"><table><thead><tr><th>Metric</th><th class="num">Measured</th><th class="num wide">Interval</th><th class="num">Test split</th><th class="num">Estimated</th></tr></thead>
      <tbody>${names.map((name) => { const measured = of.metrics[name]; return html`<tr><th scope="row">${name}</th><td class="num">${number(measured?.value)}</td><td class="num wide">${measured ? `${number(measured.low)} to ${number(measured.high)}` : "–"}</td><td class="num">${number(of.reference[name])}</td><td class="num">${number(of.estimated[name]?.value)}</td></tr>`; })}</tbody></table><//>
    ${of.segments.length > 0 && html`<details><summary>${of.segments.length} segments</summary><${Bars} label="Rows by segment" of=${of.segments.slice(0, 30).map((segment) => [`${segment.column} = ${segment.value || "missing"}`, segment.rows, `${whole(segment.rows)} rows${metric in segment.metrics ? `, ${metric} ${number(segment.metrics[metric])}` : ""}`])} /></details>`}
  <//>`;
}
