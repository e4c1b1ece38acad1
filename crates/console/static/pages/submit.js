// A new run: one sentence, or a table with the column to be predicted, and what else the request may say.

import { useEffect, useState } from "../vendor/hooks.js";
import { get, path, useChange } from "../api.js";
import { Act, Card, Copyable, Head, Problem, Tabs, go, html, toast } from "../parts.js";
import { STAGES } from "../stages.js";
import { Upload } from "./upload.js";

const MODES = ["In one sentence", "From a table", "From a file"];
const METRICS = ["roc_auc", "pr_auc", "log_loss", "brier_score", "accuracy", "precision", "recall", "f1", "mcc", "rmse", "mae", "r2", "mape", "median_absolute_error"];

/** The options of a request: the member, its label, what it means, and its kind. */
const MAIN = [
  ["timeBudgetSeconds", "Time budget", "Seconds of search; the default where it is empty.", "number"],
  ["metric", "Metric", "What is optimised.", METRICS],
  ["strategy", "Strategy", "How the version comes to traffic.", { DEPLOYMENT_STRATEGY_BLUE_GREEN: "blue-green", DEPLOYMENT_STRATEGY_CANARY: "canary", DEPLOYMENT_STRATEGY_SHADOW: "shadow", DEPLOYMENT_STRATEGY_AB_TEST: "ab-test", DEPLOYMENT_STRATEGY_CHAMPION_CHALLENGER: "champion-challenger", DEPLOYMENT_STRATEGY_WEIGHTED: "weighted", DEPLOYMENT_STRATEGY_ENSEMBLE: "ensemble" }],
  ["name", "Name", "Of the model and its endpoint; derived where it is empty.", "text"],
];
const MORE = [
  ["problemType", "Problem type", "Told from the target where it is empty.", { PROBLEM_TYPE_BINARY: "binary", PROBLEM_TYPE_MULTICLASS: "multiclass", PROBLEM_TYPE_REGRESSION: "regression" }],
  ["priority", "Priority", "Which runs go first.", { PRIORITY_LOW: "low", PRIORITY_NORMAL: "normal", PRIORITY_HIGH: "high" }],
  ["until", "Until", "The last agent to run; all of them where it is empty.", Object.keys(STAGES).slice(0, -1)],
  ["maxTrials", "Trials", "Most trials; the same number gives the same model.", "number"],
  ["seed", "Seed", "Of every random choice.", "number"],
  ["minRows", "Fewest rows", "Fewer are refused.", "number"],
  ["splitMethod", "Split", "How rows are divided.", { SPLIT_METHOD_RANDOM: "random", SPLIT_METHOD_STRATIFIED: "stratified", SPLIT_METHOD_ENTITY: "entity", SPLIT_METHOD_TIME: "time" }],
  ["entityColumn", "Entity column", "Identifies whom a row is about.", "text"],
  ["timeColumn", "Time column", "When a row is about.", "text"],
  ["weightColumn", "Weight column", "How much a row counts.", "text"],
  ["excludeColumns", "Columns left out", "Names with commas between them.", "list"],
  ["groupColumns", "Group columns", "Metrics are reported for each of their values.", "list"],
  ["noCache", "Do everything anew", "Work of earlier runs is not taken over.", "yes"],
  ["balanceClasses", "Balance classes", "Each class counts as much as any other.", "yes"],
  ["strictCriteria", "Strict", "The default threshold of the metric gates.", "yes"],
];

const plain = (name) => String(name ?? "").split(".").pop().replaceAll(/[^a-z]/gi, "").toLowerCase();

export default function Submit({ query }) {
  const [mode, setMode] = useState(MODES[0]);
  const [values, set] = useState({ text: "" });
  const [table, setTable] = useState(null);
  const change = useChange();
  const like = query.get("like");
  useEffect(() => {
    if (like) get(path("runs", like)).then((run) => set((before) => ({ ...before, text: run.text ?? "" })), () => {});
  }, [like]);

  const sentence = mode === MODES[0];
  const file = mode === MODES[2];
  const fields = [...(sentence ? [] : ["dataUri", "target", "positiveClass"]), ...MAIN.map(([name]) => name), ...MORE.map(([name]) => name)];
  const request = {};
  if (sentence) request.text = (values.text ?? "").trim();
  if (file) Object.assign(request, { dataUri: table?.uri, dataFormat: table?.data_format });
  for (const name of fields) {
    if (file && name === "dataUri") continue;
    const kind = [...MAIN, ...MORE].find(([other]) => other === name)?.[3];
    const value = values[name];
    if (value === undefined || value === "" || value === false) continue;
    if (kind === "number") request[name] = Number(value);
    else if (kind === "list") request[name] = value.split(",").map((one) => one.trim()).filter(Boolean);
    else request[name] = value;
  }
  const refused = plain(change.error?.refused?.subject);
  const shown = new Set(["text", ...fields].map(plain));
  const wrong = (name) => (change.error && refused === plain(name) ? change.error : null);
  const input = (name) => ({ values, set: (value) => set((before) => ({ ...before, [name]: value })), name, error: wrong(name) });
  const submit = async (event) => {
    event.preventDefault();
    const done = await change.make("/api/v1/runs", request);
    if (done) { toast("The request was accepted"); go(`runs/${encodeURIComponent(done.run_id)}`); }
  };
  return html`
    <${Head} title="New run" crumbs=${[["Runs", "/console/runs"]]} sub="Seven agents make a scope of it, prepare the data, train, deploy and watch a model." />
    <form class="stack" onSubmit=${submit}>
      <${Card} label="Request">
        <${Tabs} names=${MODES} chosen=${mode} choose=${(next) => { setMode(next); change.clear(); }} label="Kind of request" />
        ${sentence
          ? html`<${Field} ...${input("text")} label="What is wanted" hint="The catalogue of data sets says what the words mean." kind="long" required placeholder="Train churn prediction model for Kisqali HCPs" />`
          : file
          ? html`<${Upload} table=${table} chosen=${values.target} error=${wrong("dataUri")} taken=${(next) => { setTable(next); change.clear(); set((before) => ({ ...before, target: next?.targets[0]?.column ?? "", positiveClass: "" })); }} choose=${(target) => set((before) => ({ ...before, target }))} />
            ${table && html`<div class="fields">
              <${Field} ...${input("target")} label="Target" hint="The column to be predicted." kind=${table.columns.map((column) => column.name)} required />
              <${Field} ...${input("positiveClass")} label="Positive class" hint="Of a target of two classes." kind="text" />
            </div>`}`
          : html`<div class="fields">
              <${Field} ...${input("dataUri")} label="Table" hint="A path on the fleet's machine, file://, s3://, gs://, az://, https:// or postgres://HOST/DATABASE?table=TABLE." kind="text" required placeholder="/data/train.csv" />
              <${Field} ...${input("target")} label="Target" hint="The column to be predicted." kind="text" required />
              <${Field} ...${input("positiveClass")} label="Positive class" hint="Of a target of two classes." kind="text" />
            </div>`}
        ${change.error && !shown.has(refused) && html`<${Problem} error=${change.error} />`}
      <//>
      <${Card} title="Options">
        <div class="fields">${MAIN.map(([name, label, hint, kind]) => html`<${Field} key=${name} ...${input(name)} label=${label} hint=${hint} kind=${kind} />`)}</div>
        <details open=${MORE.some(([name]) => wrong(name))}><summary>More options</summary><div class="fields">${MORE.map(([name, label, hint, kind]) => html`<${Field} key=${name} ...${input(name)} label=${label} hint=${hint} kind=${kind} />`)}</div></details>
        <div class="row"><${Act} right="submit_runs" class="main" type="submit" disabled=${change.busy || (file && !table)}>${change.busy ? "Asking the scope-definer…" : "Begin the run"}<//></div>
      <//>
    </form>
    <${Card} title="The same by any client"><p class="sub">What this form sends, as <code>POST /api/v1/runs</code> or on <code>tier0.v1.request</code>:</p><${Copyable} label="Request as curl" text=${`curl -H 'content-type: application/json' -d '${JSON.stringify(request).replaceAll("'", "'\\''")}' ${location.origin}/api/v1/runs`} /><//>`;
}

/** An input with its label, what it means, and why it was refused. */
function Field({ values, set, name, error, label, hint, kind, required, placeholder }) {
  const value = values[name] ?? "";
  const id = `field-${name}`;
  const common = { id, name, required, placeholder, "aria-describedby": `${id}-hint`, "aria-invalid": error ? "true" : null, onInput: (event) => set(event.target.value) };
  const choices = Array.isArray(kind) ? kind.map((one) => [one, one]) : typeof kind === "object" ? Object.entries(kind) : null;
  return html`<div class="field">
    ${kind === "yes"
      ? html`<label for=${id}><input id=${id} name=${name} type="checkbox" checked=${Boolean(value)} aria-describedby=${`${id}-hint`} onChange=${(event) => set(event.target.checked)} /> ${label}</label>`
      : html`<label for=${id}>${label}${required && html`<span class="hidden"> (needed)</span>`}</label>
        ${kind === "long" ? html`<textarea ...${common} value=${value}></textarea>`
          : choices ? html`<select ...${common} value=${value}><option value="">${required ? "Choose one" : "By default"}</option>${choices.map(([of, label]) => html`<option value=${of}>${label}</option>`)}</select>`
          : html`<input ...${common} value=${value} type=${kind === "number" ? "number" : "text"} min=${kind === "number" ? 0 : null} step=${kind === "number" ? "any" : null} autocomplete="off" spellcheck="false" />`}`}
    <small id=${`${id}-hint`}>${hint}</small>
    ${error && html`<div class="wrong" role="alert">${error.message}${error.refused?.suggestions?.length > 0 && html` What would be accepted: ${error.refused.suggestions.map((one, index) => html`${index > 0 && ", "}<button type="button" class="small quiet" onClick=${() => set(one)}>${one}</button>`)}`}</div>`}
  </div>`;
}
