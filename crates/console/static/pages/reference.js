// The API, as it describes itself.

import { useState } from "../vendor/hooks.js";
import { useQuery } from "../api.js";
import { Answer, Card, Empty, Head, Scroll, html } from "../parts.js";

/** A schema in words: its type, its bounds and its choices. */
function kind(schema, depth = 0) {
  if (!schema || schema === true) return "any";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const any = schema.anyOf ?? schema.oneOf;
  if (any) return any.map((one) => kind(one, depth)).join(" or ");
  if (schema.enum) return schema.enum.filter((one) => typeof one === "string").join(", ") || "a number of these";
  const types = [schema.type].flat().filter(Boolean).join(" or ");
  const of = schema.items && depth < 2 ? ` of ${kind(schema.items, depth + 1)}` : "";
  const range = schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum <= 1000000 ? `, ${schema.minimum} to ${schema.maximum}` : "";
  return `${types || "any"}${of}${range}${schema.format ? `, ${schema.format}` : ""}`;
}

const Members = ({ label, rows }) => rows.length > 0 && html`<h3>${label}</h3><${Scroll} label=${label}><table>
  <thead><tr><th>Name</th><th>Type</th><th>What it is</th></tr></thead>
  <tbody>${rows.map(([name, schema, about, needed]) => html`<tr key=${name}><th scope="row" class="mono">${name}${needed && html` <span class="under">needed</span>`}</th><td>${kind(schema)}</td><td>${about}</td></tr>`)}</tbody>
</table><//>`;

const members = (schema) => Object.entries(schema?.properties ?? {}).map(([name, of]) => [name, of, of.description, schema.required?.includes(name)]);

function Operation({ method, path, of, schemas }) {
  const [open, set] = useState(false);
  const body = of.requestBody?.content["application/json"]?.schema;
  const success = Object.entries(of.responses).find(([status]) => status.startsWith("2"));
  const answer = Object.values(success?.[1].content ?? {})[0]?.schema;
  const named = answer?.$ref && schemas[answer.$ref.split("/").pop()];
  return html`<div class="stack">
    <div><button class="quiet small" style=${{ overflowWrap: "anywhere", whiteSpace: "normal", textAlign: "left" }} aria-expanded=${String(open)} onClick=${() => set(!open)}><span class="mono">${method.toUpperCase()} ${path}</span></button> ${of.summary}</div>
    ${open && html`<div class="stack"><p>${of.description}</p>
      <${Members} label="Parameters" rows=${(of.parameters ?? []).map((one) => [`${one.name} (${one.in})`, one.schema, one.description, one.required])} />
      <${Members} label="Body" rows=${members(body)} />
      <${Members} label=${`Answer ${success?.[0]}: ${kind(answer)}`} rows=${members(named)} />
      <p class="sub">Statuses: ${Object.entries(of.responses).map(([status, { description }]) => `${status} ${description}`).join(" · ")}</p></div>`}
  </div>`;
}

export default function Reference() {
  const document = useQuery("/api/v1/openapi.json");
  const groups = {};
  for (const [path, item] of Object.entries(document.data?.paths ?? {})) {
    for (const [method, of] of Object.entries(item)) (groups[of.tags[0]] ??= []).push([method, path, of]);
  }
  return html`
    <${Head} title="API" sub=${document.data?.info.description ?? "What the API answers, from its own description."}><a class="button" href="/api/v1/openapi.json">openapi.json</a><//>
    ${!document.data && html`<${Card} label="API"><${Answer} of=${document} lines=${8}>${() => null}<//><//>`}
    ${Object.entries(groups).map(([group, operations]) => html`<${Card} title=${group} key=${group}><div class="stack">${operations.map(([method, path, of]) => html`<${Operation} key=${method + path} method=${method} path=${path} of=${of} schemas=${document.data.components.schemas} />`)}</div><//>`)}
    ${document.data && Object.keys(groups).length === 0 && html`<${Empty} title="No description">This build does not describe its API.<//>`}`;
}
