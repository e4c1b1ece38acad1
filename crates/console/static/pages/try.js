// Trying an endpoint: a form made of the model's inputs, the prediction, and what led to it.

import { useState } from "../vendor/hooks.js";
import { path, useChange, useQuery } from "../api.js";
import { number, percent } from "../format.js";
import { Act, Answer, Card, Copyable, Problem, html } from "../parts.js";
import { Bars, SignedBars } from "../plots.js";

/** Inputs that are shown before a person asks for all of them. */
const FEW = 12;

export default function Try({ endpoint }) {
  const { model, version } = endpoint.live;
  const evaluation = useQuery(path("models", model, "versions", String(version), "evaluation"));
  return html`<${Card} title="Try it"><${Answer} of=${evaluation}>${(of) => html`<${Form} endpoint=${endpoint} of=${of} />`}<//><//>`;
}

/** A text of the form as the value of its column; nothing where it is left empty. */
function read(text, type) {
  if (text === "" || text === null || text === undefined) return null;
  if (type === "integer" || type === "number") return Number(text);
  if (type === "boolean") return text === true || text === "true";
  return String(text);
}

function Form({ endpoint, of }) {
  const [values, set] = useState(() => Object.fromEntries(of.inputs.map((input) => [input.name, input.example === null ? "" : String(input.example)])));
  const [all, setAll] = useState(of.inputs.length <= FEW);
  const [answer, setAnswer] = useState(null);
  const change = useChange();
  const row = Object.fromEntries(of.inputs.map((input) => [input.name, read(values[input.name], input.type)]));
  const submit = async (event) => {
    event.preventDefault();
    const done = await change.make(path("endpoints", endpoint.name, "predict"), { rows: [row], explain: true });
    if (done) setAnswer(done);
  };
  const server = endpoint.servers[0]?.url?.replace(/\/$/, "");
  const body = JSON.stringify({ dataframe_records: [row] }).replaceAll("'", "'\\''");
  const curl = `curl -H 'content-type: application/json' -d '${body}' ${server ?? "MODEL_SERVER_URL"}/endpoints/${endpoint.name}/invocations`;
  const byUse = new Map(of.importance.map(({ feature }, index) => [feature, index]));
  const inputs = all ? of.inputs : [...of.inputs].sort((a, b) => (byUse.get(a.name) ?? 999) - (byUse.get(b.name) ?? 999)).slice(0, FEW);
  return html`
    <p class="sub">The form begins with typical values of the training rows. What is left empty is missing. The prediction counts as traffic, and is monitored as such.</p>
    <div class="cards">
      <form class="stack" onSubmit=${submit}>
        <div class="fields">${inputs.map((input) => html`<${Field} key=${input.name} input=${input} value=${values[input.name]} set=${(value) => set((before) => ({ ...before, [input.name]: value }))} />`)}</div>
        <div class="row"><${Act} right="predict" class="main" type="submit" disabled=${change.busy}>${change.busy ? "Asking…" : "Predict"}<//>
          ${of.inputs.length > FEW && html`<button type="button" class="quiet" onClick=${() => setAll(!all)}>${all ? "Fewer inputs" : `All ${of.inputs.length} inputs`}</button>`}</div>
      </form>
      <div class="answer" aria-live="polite">
        <${Problem} error=${change.error} />
        ${answer ? html`<${Prediction} of=${answer} target=${of.target} threshold=${of.threshold} positive=${of.positive_class} />` : !change.error && html`<p class="sub">The prediction of <b>${of.target}</b> stands here, with what led to it.</p>`}
      </div>
    </div>
    <details><summary>The same by curl</summary><${Copyable} label="Prediction as curl" text=${curl} /></details>`;
}

function Field({ input, value, set }) {
  const id = `input-${input.name}`;
  const hint = input.min !== null ? `${number(input.min)} to ${number(input.max)}` : input.type;
  const change = (event) => set(event.target.value);
  return html`<div class="field"><label for=${id}>${input.name}</label>
    ${input.levels.length > 0 ? html`<select id=${id} value=${value} onChange=${change}>${input.nullable && html`<option value="">missing</option>`}${[...new Set([...input.levels, ...(value ? [value] : [])])].map((level) => html`<option value=${level}>${level}</option>`)}</select>`
      : input.type === "boolean" ? html`<select id=${id} value=${value} onChange=${change}>${input.nullable && html`<option value="">missing</option>`}<option value="true">true</option><option value="false">false</option></select>`
      : html`<input id=${id} type=${["integer", "number"].includes(input.type) ? "number" : "text"} step=${input.type === "integer" ? "1" : "any"} value=${value} onInput=${change} />`}
    <small>${hint}</small></div>`;
}

function Prediction({ of, target, threshold, positive }) {
  const [first] = of.predictions;
  const classes = Object.entries(first.probabilities).sort((a, b) => b[1] - a[1]);
  const { explanation } = first;
  return html`
    <div><span class="sub">${target}</span><div class="big" data-testid="prediction">${typeof first.prediction === "number" ? number(first.prediction) : String(first.prediction)}</div><span class="under">by version ${of.version}${threshold != null && positive ? ` · ${positive} from a probability of ${number(threshold)} on` : ""}</span></div>
    ${classes.length > 0 && html`<${Bars} label="Probabilities" of=${classes.slice(0, 10).map(([name, share]) => [name, share, percent(share)])} />`}
    ${explanation && html`<h3>What led to it, in ${of.margin_of ?? "the margin"}</h3>
      <${SignedBars} label="Contributions" of=${Object.entries(explanation.contributions).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 8)} />
      <p class="under">From ${number(explanation.base)} without any input to ${number(explanation.margin)} with all of them.</p>`}
    ${of.unexplained && html`<p class="sub">${of.unexplained}</p>`}`;
}
