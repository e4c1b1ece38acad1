// What inputs contribute to predictions: their mean size, how it goes with their values, and one input in full.

import { useState } from "../vendor/hooks.js";
import { number, whole } from "../format.js";
import { Scroll, html } from "../parts.js";
import { Bars, Dependence, Swarm } from "../plots.js";

/** Inputs that are drawn. */
const FEW = 12;

/** What a margin is, in words. */
const MARGINS = {
  binary: "the log-odds of the positive class",
  multiclass: "the score of the first class",
  regression: "the predicted number",
};

/** Shapley values of held-out rows. `problem` is the type of problem. */
export function Contributions({ of, problem }) {
  const [chosen, choose] = useState(0);
  const inputs = of?.contributions ?? [];
  if (inputs.length === 0) return null;
  const drawn = inputs.filter((input) => input.cells.length > 0);
  const input = drawn[Math.min(chosen, drawn.length - 1)];
  const margin = MARGINS[problem] ?? "the score";
  return html`<section class="stack" aria-label="SHAP summary">
    <h3>What each input contributes (SHAP)</h3>
    <p class="sub">Measured on ${whole(of.contribution_rows)} rows that the model was not fitted on: by how much an input moves ${margin} of a row away from that of all rows together.</p>
    <div class="cards">
      <div class="stack"><h3>Mean size${problem === "multiclass" ? ", over all classes" : ""}</h3><${Bars} label="Mean absolute contribution" of=${inputs.slice(0, FEW).map((one) => [one.input, one.mean_absolute, number(one.mean_absolute)])} /></div>
      <div class="stack"><h3>By the value of the input</h3><${Swarm} inputs=${drawn.slice(0, FEW)} label="Contributions by the value of each input" /></div>
    </div>
    ${input && html`<div class="cards">
      <div class="stack">
        <div class="field"><label for="contribution">Contribution of one input by its value</label><select id="contribution" value=${String(drawn.indexOf(input))} onChange=${(event) => choose(Number(event.target.value))}>${drawn.map((one, index) => html`<option value=${String(index)}>${one.input}</option>`)}</select></div>
        <${Dependence} of=${input} />
      </div>
      <${Scroll} label=${`Contributions of ${input.input}`}><table>
        <thead><tr><th>Value</th><th class="num">Rows</th><th class="num">Mean</th><th class="num">80 % of rows</th></tr></thead>
        <tbody>${input.cells.map((cell) => html`<tr><th scope="row">${cell.value ?? "missing"}</th><td class="num">${whole(cell.rows)}</td><td class="num">${number(cell.mean)}</td><td class="num">${number(cell.low)} to ${number(cell.high)}</td></tr>`)}</tbody>
      </table><//>
    </div>`}
  </section>`;
}
