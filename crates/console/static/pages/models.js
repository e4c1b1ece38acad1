// The registry: models, one model with its versions, who was live; one version is a page of its own.

import { useEffect, useState } from "../vendor/hooks.js";
import { path, useQuery, withQuery } from "../api.js";
import { ago, number, time, words } from "../format.js";
import { Answer, Badge, Bones, Card, Empty, Facts, Head, Scroll, at, html } from "../parts.js";
import { ModelLineage } from "./lineage.js";

export default function Pages({ parts }) {
  const [model, , version] = parts;
  const [loaded, set] = useState(null);
  useEffect(() => { if (version) import("./version.js").then((module) => set(module)); }, [version]);
  if (version) return loaded ? html`<${loaded.default} model=${model} version=${version} key=${`${model}:${version}`} />` : html`<${Bones} />`;
  return model ? html`<${Model} name=${model} key=${model} />` : html`<${Models} />`;
}

function Models() {
  const [prefix, setPrefix] = useState("");
  const models = useQuery(withQuery("/api/v1/models", { prefix }), 10000);
  return html`
    <${Head} title="Models" sub="Versions without gaps, with stages, aliases and an audit log of every change." />
    <${Card} label="Models" bare>
      <header><input class="push" type="search" style=${{ maxWidth: "260px" }} aria-label="Search models by the beginning of their name" placeholder="Search models" value=${prefix} onInput=${(event) => setPrefix(event.target.value)} /></header>
      <div style=${{ height: "10px" }}></div>
      ${models.data?.models.length > 0 ? html`<${Scroll} label="Table of models"><table>
        <thead><tr><th>Model</th><th class="num">Latest</th><th class="num">Production</th><th class="wide">Aliases</th><th class="num wide">Since</th></tr></thead>
        <tbody>${models.data.models.map((model) => html`<tr key=${model.name}>
          <td><a class="title" href=${at("models", model.name)}>${model.name}</a>${model.description && html`<span class="under">${model.description}</span>`}</td>
          <td class="num"><a href=${at("models", model.name, "versions", model.latest_version)}>${model.latest_version}</a></td>
          <td class="num">${model.production_version ? html`<a href=${at("models", model.name, "versions", model.production_version)}>${model.production_version}</a>` : "–"}</td>
          <td class="wide"><${Aliases} of=${model.aliases} /></td><td class="num wide" title=${time(model.created_at)}>${ago(model.created_at)}</td>
        </tr>`)}</tbody></table><//>`
      : models.data ? html`<${Empty} title=${prefix ? "No model begins so" : "No model yet"}>${!prefix && html`<p>A run registers its model as a version.</p><a class="button main" href="/console/submit">New run</a>`}<//>`
      : html`<div class="in"><${Answer} of=${models}>${() => null}<//></div>`}
    <//>`;
}

const Aliases = ({ of }) => html`<span class="row">${Object.entries(of).map(([alias, version]) => html`<span class="badge plain">${alias} → ${version}</span>`)}</span>`;

function Model({ name }) {
  const model = useQuery(path("models", name), 8000);
  const history = useQuery(`${path("models", name, "history")}?limit=30`, 8000);
  return html`
    <${Head} title=${name} crumbs=${[["Models", "/console/models"]]} sub=${model.data?.description} />
    <${Card} title="Versions" bare><div style=${{ height: "8px" }}></div>
      ${model.data ? html`<${Scroll} label="Versions"><table>
        <thead><tr><th class="num">Version</th><th>Stage</th><th class="wide">Algorithm</th><th class="num">Result</th><th class="wide">Run</th><th class="num wide">Registered</th></tr></thead>
        <tbody>${model.data.versions.map((version) => { const [metric, value] = ["roc_auc", "r2", "accuracy", "rmse"].map((name) => [name, version.metrics.test?.[name]]).find(([, value]) => value !== undefined) ?? []; return html`<tr key=${version.version}>
          <td class="num"><a class="title" href=${at("models", name, "versions", version.version)}>${version.version}</a></td>
          <td><span class="row"><${Badge} status=${version.stage} />${(version.aliases ?? []).map((alias) => html`<span class="badge plain accent">${alias}</span>`)}</span></td>
          <td class="wide">${words(version.algorithm)}</td><td class="num">${number(value)}<div class="under">${metric}</div></td>
          <td class="wide mono"><a href=${at("runs", version.run_id)}>${version.run_id}</a></td><td class="num wide" title=${time(version.created_at)}>${ago(version.created_at)}</td>
        </tr>`; })}</tbody></table><//>` : html`<div class="in"><${Answer} of=${model}>${() => null}<//></div>`}
    <//>
    <${Card} title="Lineage"><${Answer} of=${model}>${(of) => html`<${ModelLineage} versions=${of.versions} />`}<//><//>
    <div class="cards">
      <${Card} title="Model"><${Answer} of=${model}>${(of) => html`<${Facts} of=${[["Production", of.production_version], ["Latest", of.latest_version], ["Since", time(of.created_at)], ...Object.entries(of.aliases).map(([alias, version]) => [`Alias ${alias}`, version]), ...Object.entries(of.tags)]} />`}<//><//>
      <${Card} title="Who changed what"><${Answer} of=${history}>${(page) => html`<${Log} entries=${page.history} />`}<//><//>
    </div>`;
}

/** Entries of the audit log, the latest first. */
export function Log({ entries, live = false }) {
  if (entries.length === 0) return html`<p class="sub">Nothing yet.</p>`;
  return html`<ol class="timeline">${entries.map((entry) => html`<li key=${`${entry.revision}${entry.version}${entry.endpoint}`}>
    <span class=${`dot ${entry.action === "deployment" ? "busy" : ""}`}></span>
    <div><strong>${words(entry.action)}</strong>${entry.version ? ` · version ${entry.version}` : ""}${live && entry.live ? ` · version ${entry.live.version} answers` : ""}
      ${entry.reason && html`<div>${entry.reason}</div>`}
      <div class="under">${time(entry.at)} · by ${entry.by}</div></div>
  </li>`)}</ol>`;
}
