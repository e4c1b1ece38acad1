// Endpoints: what answers, how requests are divided, the rollout, and trying it.

import { useEffect, useState } from "../vendor/hooks.js";
import { path, useChange, useQuery } from "../api.js";
import { ago, number, percent, short, time, tone, whole, words } from "../format.js";
import { Act, Answer, Badge, Bones, Card, Confirm, Empty, Facts, Head, Scroll, at, html, toast } from "../parts.js";
import { Answered } from "./lineage.js";
import { Log } from "./models.js";

export default function Pages({ parts }) {
  return parts[0] ? html`<${Endpoint} name=${parts[0]} key=${parts[0]} />` : html`<${Endpoints} />`;
}

/** The shares of an endpoint's requests, the live version's first: of the routing, or all of them for the live version. */
const shares = (endpoint) => (endpoint.routing.shares.length ? [...endpoint.routing.shares].sort((a, b) => (b.version === endpoint.live?.version) - (a.version === endpoint.live?.version)) : endpoint.live ? [{ version: endpoint.live.version, per_cent: 100 }] : []);

const Split = ({ of }) => html`<div class="split" role="img" aria-label=${`Requests: ${of.map((share) => `version ${share.version} ${share.per_cent} %`).join(", ")}`}>${of.map((share) => html`<span style=${{ flex: share.per_cent || 0.01 }}>v${share.version} · ${number(share.per_cent)} %</span>`)}</div>`;

function Endpoints() {
  const endpoints = useQuery("/api/v1/endpoints", 4000);
  return html`
    <${Head} title="Endpoints" sub="What answers, and how requests are divided among versions." />
    ${endpoints.data?.endpoints.length === 0 && html`<${Card} label="Endpoints"><${Empty} icon="endpoints" title="Nothing is deployed yet"><p>A run that reaches its deployment makes an endpoint.</p><a class="button main" href="/console/submit">New run</a><//><//>`}
    ${!endpoints.data && html`<${Card} label="Endpoints"><${Answer} of=${endpoints}>${() => null}<//><//>`}
    <div class="cards">${endpoints.data?.endpoints.map((endpoint) => html`<section class="card" key=${endpoint.name} aria-label=${endpoint.name}>
      <header><h2><a href=${at("endpoints", endpoint.name)}>${endpoint.name}</a></h2>${endpoint.rollout && html`<${Badge} status=${endpoint.rollout.phase} label=${`${endpoint.rollout.strategy} · ${words(endpoint.rollout.phase)}`} />`}</header>
      <div class="in"><${Split} of=${shares(endpoint)} />
        <${Facts} of=${[["Live", endpoint.live && `${endpoint.live.model} version ${endpoint.live.version}`], ["Servers", `${endpoint.servers.length} report`], ["Changed", `${ago(endpoint.updated_at)} by ${endpoint.updated_by}`], ["Because", endpoint.reason]]} /></div>
    </section>`)}</div>`;
}

function Endpoint({ name }) {
  const of = useQuery(path("endpoints", name), 2000);
  const history = useQuery(`${path("endpoints", name, "history")}?limit=100`, 5000);
  const [doing, setDoing] = useState(null);
  const [Try, setTry] = useState(null);
  const change = useChange();
  useEffect(() => { import("./try.js").then((module) => setTry(() => module.default)); }, []);
  const endpoint = of.data;
  if (!endpoint) return html`<${Head} title=${name} crumbs=${[["Endpoints", "/console/endpoints"]]} /><${Card} label="Endpoint"><${Answer} of=${of}>${() => null}<//><//>`;
  const act = (verb, body, said) => async (reason) => {
    const done = await change.make(path("endpoints", name, verb), { ...body, reason });
    if (done) { toast(said(done)); of.again(); history.again(); }
    return Boolean(done);
  };
  const close = () => { change.clear(); setDoing(null); };
  const { rollout, live, previous } = endpoint;
  const trial = rollout && ["progressing", "paused"].includes(rollout.phase) ? rollout.candidate : null;
  const paused = rollout?.phase === "paused";
  const candidate = endpoint.members.find((member) => member.version === rollout?.candidate?.version)?.version;
  const back = trial ? `the rollout of version ${trial.version} ends, and version ${live?.version} answers all requests again` : endpoint.routing.mode !== "live" ? `the division of requests ends, and version ${live?.version} answers all of them` : previous ? `version ${previous.version} answers all requests again in place of version ${live?.version}, which is kept as the previous one` : null;
  return html`
    <${Head} title=${name} crumbs=${[["Endpoints", "/console/endpoints"]]} sub=${`Changed ${ago(endpoint.updated_at)} by ${endpoint.updated_by}${endpoint.reason ? `: ${endpoint.reason}` : ""}`}>
      <a class="button" href=${at("monitoring", name)}>Monitoring</a>
      ${candidate && html`<${Act} right="change_endpoints" class="main" onClick=${() => setDoing("promote")}>${paused ? "Let it go on" : "Promote"}<//>`}
      ${paused && html`<${Act} right="change_endpoints" onClick=${() => setDoing("full")}>Promote in full<//>`}
      ${back && html`<${Act} right="change_endpoints" class="danger" onClick=${() => setDoing("rollback")}>Roll back<//>`}
    <//>
    ${doing === "rollback" && html`<${Confirm} title=${`Roll back ${name}?`} danger label="Roll back" change=${change} close=${close} what=${`When you confirm, ${back}. Servers switch within milliseconds; no request is lost.`} act=${act("rollback", {}, (done) => `Version ${done.live?.version} answers`)} />`}
    ${doing === "promote" && html`<${Confirm} title=${paused ? `Let the rollout of ${name} go on?` : `Promote version ${candidate}?`} label=${paused ? "Go on" : "Promote"} change=${change} close=${close} what=${paused ? `Its next step begins: version ${candidate} gets a greater share of the requests, and is judged on them.` : `When you confirm, version ${candidate} answers all requests of ${name}, and version ${live?.version} is kept as the previous one.`} act=${act("promote", { full: false }, (done) => `Version ${done.live?.version} is live`)} />`}
    ${doing === "full" && html`<${Confirm} title=${`Promote version ${candidate} in full?`} label="Promote in full" change=${change} close=${close} what=${`What is left of the rollout is skipped: version ${candidate} answers all requests of ${name}, and version ${live?.version} is kept as the previous one.`} act=${act("promote", { full: true }, (done) => `Version ${done.live?.version} is live`)} />`}
    <div class="cards">
      <${Card} title="Requests" actions=${html`<span class="badge plain">${endpoint.routing.mode}</span>`}>
        ${live ? html`<${Split} of=${shares(endpoint)} />` : html`<p class="sub">No version answers yet.</p>`}
        <${Facts} of=${[
          ["Live", live && html`<${Deployed} of=${live} />`], ["Checked", endpoint.green && html`<${Deployed} of=${endpoint.green} />`],
          ["Before it", previous && html`<${Deployed} of=${previous} />`], ...endpoint.members.map((member) => ["Beside it", html`<${Deployed} of=${member} />`]),
          ["Shadows", endpoint.routing.shadows.map((version) => `version ${version}`).join(", ")],
        ]} />
      <//>
      ${rollout ? html`<${Rollout} of=${rollout} />` : html`<${Card} title="Rollout"><${Empty} icon="endpoints" title="No rollout">The first version went live once it was checked. The next one follows the strategy of its request.<//><//>`}
    </div>
    ${Try && live ? html`<${Try} endpoint=${endpoint} key=${`${live.model}:${live.version}`} />` : live && html`<${Card} label="Try it"><${Bones} /><//>`}
    <${Card} title="Servers" bare><div style=${{ height: "8px" }}></div><${Servers} of=${endpoint.servers} /><//>
    <${Card} title="Who was live"><${Answer} of=${history}>${(page) => html`<${Answered} entries=${page.history} /><${Log} entries=${page.history} live />`}<//><//>`;
}

const Deployed = ({ of }) => html`<a href=${at("models", of.model, "versions", of.version)}>${of.model} version ${of.version}</a> <span class="under mono" title=${of.digest}>${short(of.digest)}</span>`;

function Rollout({ of }) {
  const ended = !["progressing", "paused"].includes(of.phase);
  return html`<${Card} title=${`Rollout · ${of.strategy}`} actions=${html`<${Badge} status=${of.phase} kind=${ended ? null : of.phase === "paused" ? "warn" : "busy"} />`}>
    ${of.steps > 0 && html`<div class="row"><div class="bar" style=${{ flex: 1 }} role="progressbar" aria-label="Steps of the rollout" aria-valuemin="0" aria-valuemax=${of.steps} aria-valuenow=${Math.min(of.step + (ended ? 1 : 0), of.steps)}><i style=${{ width: `${(100 * Math.min(of.step + (of.phase === "succeeded" ? 1 : 0), of.steps)) / of.steps}%` }}></i></div><span class="under">step ${Math.min(of.step + 1, of.steps)} of ${of.steps}</span></div>`}
    ${of.message && html`<p>${of.message}</p>`}
    <${Facts} of=${[["Candidate", of.candidate && html`<${Deployed} of=${of.candidate} />`], ["p-value", of.p_value && number(of.p_value)], ...Object.entries(of.measured).slice(0, 10).map(([name, value]) => [words(name), name.endsWith("rate") ? percent(value) : number(value)])]} />
    ${of.verdicts.length > 0 && html`<h3>Judgements</h3><ol class="timeline">${[...of.verdicts].reverse().map((verdict) => html`<li><span class=${`dot ${tone(verdict.result)}`}></span><div><strong>${words(verdict.result)}</strong> · step ${verdict.step + 1}${verdict.reason && html`<div>${verdict.reason}</div>`}<div class="under">${time(verdict.at)}</div></div></li>`)}</ol>`}
  <//>`;
}

function Servers({ of }) {
  if (of.length === 0) return html`<${Empty} icon="fleet" title="No model server reports">Start one; the endpoint answers once it has loaded its version.<//>`;
  return html`<${Scroll} label="Model servers"><table><thead><tr><th>Server</th><th class="num">Live</th><th class="wide">Loaded</th><th class="num">Requests</th><th class="num">Errors</th><th class="wide">Breaker</th></tr></thead>
    <tbody>${of.map((server) => { const sum = (name) => server.traffic.reduce((all, version) => all + version[name], 0); return html`<tr><td><span class="title">${server.server}</span><span class="under mono">${server.url}</span></td><td class="num">${server.live_version || "–"}</td><td class="wide">${server.ready_versions.map((version) => `v${version}`).join(", ")}</td><td class="num">${whole(sum("requests"))}</td><td class="num">${whole(sum("errors"))}</td><td class="wide">${[...new Set(server.traffic.map((version) => version.breaker))].filter((name) => name !== "unspecified").join(", ") || "–"}</td></tr>`; })}</tbody></table><//>`;
}
