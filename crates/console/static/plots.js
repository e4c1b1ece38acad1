// Plots as SVG: few kinds, one look. Each says in words what it shows.

import { useState } from "./vendor/hooks.js";
import { html } from "./parts.js";
import { number, whole } from "./format.js";

const WIDTH = 560;
const PAD = { left: 46, right: 12, top: 12, bottom: 34 };

/** Round numbers between two ends, about as many as asked for. */
function ticks(low, high, count = 4) {
  const span = high - low || 1;
  const raw = span / count;
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * base).find((step) => step >= raw) ?? raw;
  const found = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) found.push(Number(tick.toPrecision(12)));
  return found;
}

/** The place of values between the ends of an axis. */
const scale = (low, high, from, to) => (value) => (high === low ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from));

function ends(values, margin = 0.06) {
  const given = values.filter(Number.isFinite);
  if (given.length === 0) return [0, 1];
  const low = Math.min(...given);
  const high = Math.max(...given);
  const room = (high - low || Math.abs(high) || 1) * margin;
  return [low - room, high + room];
}

/** Axes with what is drawn between them. `x` and `y` are `{ends, label, ticks?, shown?}`. */
export function Plot({ x, y, height = 240, label, caption, children }) {
  const bottom = height - PAD.bottom;
  const place = {
    x: scale(x.ends[0], x.ends[1], PAD.left, WIDTH - PAD.right),
    y: scale(y.ends[0], y.ends[1], bottom, PAD.top),
    bottom,
  };
  const xs = x.ticks ?? ticks(...x.ends, 5);
  const ys = y.ticks ?? ticks(...y.ends);
  return html`<figure>
    <svg class="plot" viewBox=${`0 0 ${WIDTH} ${height}`} role="img" aria-label=${label}>
      ${ys.map((tick) => html`<line class="grid" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${place.y(tick)} y2=${place.y(tick)} /><text x=${PAD.left - 8} y=${place.y(tick) + 4} text-anchor="end">${(y.shown ?? number)(tick)}</text>`)}
      ${xs.map((tick) => html`<text x=${place.x(tick)} y=${bottom + 17} text-anchor="middle">${(x.shown ?? number)(tick)}</text>`)}
      <line class="axis" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${bottom} y2=${bottom} />
      ${x.label && html`<text x=${(PAD.left + WIDTH - PAD.right) / 2} y=${height - 2} text-anchor="middle">${x.label}</text>`}
      ${children(place)}
    </svg>
    ${caption && html`<figcaption>${caption}</figcaption>`}
  </figure>`;
}

const path = (points, place) => points.map(([x, y], index) => `${index ? "L" : "M"}${place.x(x).toFixed(1)} ${place.y(y).toFixed(1)}`).join("");

/** A curve in the unit square, with the diagonal or a level to compare it with. */
export function UnitCurve({ points, label, caption, x, ideal, marks = true }) {
  const unit = [0, 0.25, 0.5, 0.75, 1];
  return html`<${Plot} x=${{ ends: [0, 1], label: x, ticks: unit }} y=${{ ends: [0, 1], ticks: unit }} height=${300} label=${label} caption=${caption}>
    ${(place) => html`
      ${ideal && html`<path class="ideal" d=${path(ideal, place)} />`}
      <path class="line" d=${path(points, place)} />
      ${marks && points.map(([x, y]) => html`<circle class="mark" cx=${place.x(x)} cy=${place.y(y)} r="3.5"><title>${`${number(x)}, ${number(y)}`}</title></circle>`)}`}
  <//>`;
}

/** Scores of a search in the order of its trials, and the best one so far. */
export function SearchHistory({ entries, metric, greater }) {
  const scored = entries.filter((entry) => entry.score !== null).sort((a, b) => a.trial - b.trial);
  if (scored.length < 2) return null;
  let best = null;
  const steps = [];
  for (const entry of scored) {
    const better = best === null || (greater ? entry.score > best : entry.score < best);
    if (better && !entry.pruned) {
      if (best !== null) steps.push([entry.trial, best]);
      best = entry.score;
      steps.push([entry.trial, best]);
    }
  }
  const last = scored[scored.length - 1].trial;
  if (best !== null) steps.push([last, best]);
  const sorted = scored.map((entry) => entry.score).sort((a, b) => a - b);
  // One trial far off must not press all others into a line.
  const floor = sorted[Math.floor(sorted.length * 0.05)];
  const ceiling = sorted[Math.ceil(sorted.length * 0.95) - 1];
  const span = ends(greater ? [floor, sorted[sorted.length - 1]] : [sorted[0], ceiling]);
  const inside = (score) => Math.min(Math.max(score, span[0]), span[1]);
  return html`<${Plot} x=${{ ends: [0, Math.max(last, 1)], label: "trial" }} y=${{ ends: span }} label=${`Score (${metric}) of ${scored.length} trials and the best so far, ${number(best)} at the end`} caption=${`${metric} of each trial; the line is the best so far. Pale trials were given up early.`}>
    ${(place) => html`
      ${scored.map((entry) => html`<circle class=${`mark ${entry.pruned ? "faint" : ""}`} opacity=${entry.pruned ? 0.5 : 0.75} cx=${place.x(entry.trial)} cy=${place.y(inside(entry.score))} r="3.5"><title>${`trial ${entry.trial}, ${entry.algorithm}: ${number(entry.score)}`}</title></circle>`)}
      <path class="line" d=${path(steps.map(([x, y]) => [x, inside(y)]), place)} />`}
  <//>`;
}

/** How scores grow with the rows that are learned from. */
export function LearningCurve({ points, metric }) {
  if (points.length < 2) return null;
  const span = ends(points.flatMap((point) => [point.score - point.score_std, point.score + point.score_std]));
  return html`<${Plot} x=${{ ends: ends(points.map((point) => point.rows)), label: "rows learned from" }} y=${{ ends: span }} label=${`${metric} by the number of rows learned from`} caption=${`${metric} by rows learned from, with the spread of the folds.`}>
    ${(place) => html`
      <path class="line" d=${path(points.map((point) => [point.rows, point.score]), place)} />
      ${points.map((point) => html`<line class="whisker" x1=${place.x(point.rows)} x2=${place.x(point.rows)} y1=${place.y(point.score - point.score_std)} y2=${place.y(point.score + point.score_std)} /><circle class="mark" cx=${place.x(point.rows)} cy=${place.y(point.score)} r="3.5"><title>${`${point.rows} rows: ${number(point.score)}`}</title></circle>`)}`}
  <//>`;
}

/** One line for each trial through its hyperparameters to its score: which values go with good ones. */
export function Parallel({ entries, metric, greater, best }) {
  const scored = entries.filter((entry) => entry.score !== null);
  const algorithms = [...new Set(scored.map((entry) => entry.algorithm))];
  const [algorithm, choose] = useState(null);
  const counts = algorithms.map((name) => scored.filter((entry) => entry.algorithm === name).length);
  const shown = algorithm ?? algorithms[counts.indexOf(Math.max(...counts))];
  const trials = scored.filter((entry) => entry.algorithm === shown);
  const varies = (name) => new Set(trials.map((entry) => entry.parameters[name])).size > 1;
  const names = [...new Set(trials.flatMap((entry) => Object.keys(entry.parameters)))].filter(varies).slice(0, 7);
  if (trials.length < 2 || names.length === 0) return null;
  const axes = [...names.map((name) => [name, (entry) => entry.parameters[name]]), [metric, (entry) => entry.score]];
  const height = 260;
  const at = scale(0, axes.length - 1, 44, WIDTH - 44);
  const places = axes.map(([, value]) => {
    const given = trials.map(value).filter(Number.isFinite);
    const [low, high] = [Math.min(...given), Math.max(...given)];
    // Hyperparameters that span decades are spread by their logarithm.
    const spread = low > 0 && high / low > 50 ? Math.log : (number) => number;
    return { low, high, y: (number) => scale(spread(low), spread(high), height - 46, 14)(spread(number)) };
  });
  const order = [...trials].sort((a, b) => (greater ? a.score - b.score : b.score - a.score));
  const line = (entry) => axes.map(([, value], index) => [index, value(entry)]).filter(([, number]) => Number.isFinite(number)).map(([index, number], first) => `${first ? "L" : "M"}${at(index).toFixed(1)} ${places[index].y(number).toFixed(1)}`).join("");
  return html`<figure>
    ${algorithms.length > 1 && html`<div class="field" style=${{ maxWidth: "320px" }}><label for="parallel">Trials of</label><select id="parallel" value=${shown} onChange=${(event) => choose(event.target.value)}>${algorithms.map((name, index) => html`<option value=${name}>${name.replaceAll("_", " ")} (${counts[index]})</option>`)}</select></div>`}
    <svg class="plot" viewBox=${`0 0 ${WIDTH} ${height}`} role="img" aria-label=${`${trials.length} trials of ${shown.replaceAll("_", " ")} through ${names.join(", ")} to ${metric}`}>
      ${order.map((entry, index) => html`<path class=${entry.trial === best ? "line c1" : "line"} opacity=${entry.trial === best ? 1 : 0.12 + (0.6 * (index + 1)) / order.length} d=${line(entry)}><title>${`trial ${entry.trial}: ${number(entry.score)}`}</title></path>`)}
      ${axes.map(([name], index) => html`<line class="axis" x1=${at(index)} x2=${at(index)} y1="14" y2=${height - 46} />
        <text x=${at(index)} y="10" text-anchor="middle">${number(places[index].high)}</text><text x=${at(index)} y=${height - 33} text-anchor="middle">${number(places[index].low)}</text>
        <text x=${at(index)} y=${height - (index % 2 ? 4 : 17)} text-anchor="middle">${name.length > 16 ? `${name.slice(0, 15)}…` : name}<title>${name}</title></text>`)}
    </svg>
    <figcaption>A line for each trial; the better it scored, the darker. The best one stands out.</figcaption>
  </figure>`;
}

/** Values over time, with intervals where there are some. `lines` are `{name, points: [[time, value, low?, high?]]}`. */
export function OverTime({ lines, label, caption, limit }) {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return null;
  const values = points.flatMap(([, value, low, high]) => [value, low, high]);
  const xs = ends(points.map(([at]) => at), 0.02);
  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return html`<div>
    <${Plot} x=${{ ends: xs, ticks: ticks(...xs, 3), shown: clock }} y=${{ ends: ends(limit === undefined ? values : [...values, limit]) }} label=${label} caption=${caption}>
      ${(place) => html`
        ${limit !== undefined && html`<line class="ideal" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${place.y(limit)} y2=${place.y(limit)} />`}
        ${lines.map((line, index) => html`
          <path class=${`line c${index}`} d=${path(line.points, place)} />
          ${line.points.map(([at, value, low, high]) => html`${low !== undefined && html`<line class="whisker" x1=${place.x(at)} x2=${place.x(at)} y1=${place.y(low)} y2=${place.y(high)} />`}<circle class=${`line c${index}`} cx=${place.x(at)} cy=${place.y(value)} r="2.5"><title>${`${line.name}: ${number(value)}`}</title></circle>`)}`)}`}
    <//>
    ${lines.length > 1 && html`<div class="legend">${lines.map((line, index) => html`<span class="row"><i class=${`swatch s${index}`}></i>${line.name}</span>`)}</div>`}
  </div>`;
}

/** Names with bars. `of` are `[name, value, shown]`, values 0 or more. */
export function Bars({ of, label }) {
  const most = Math.max(...of.map(([, value]) => value), 1e-12);
  return html`<div class="bars" role="img" aria-label=${`${label}: ${of.slice(0, 8).map(([name, , shown]) => `${name} ${shown}`).join(", ")}`}>
    ${of.map(([name, value, shown]) => html`<span>${name}</span><div class="bar"><i style=${{ width: `${(100 * Math.max(0, value)) / most}%` }}></i></div><span>${shown}</span>`)}
  </div>`;
}

/** Names with bars to both sides of nothing. */
export function SignedBars({ of, label }) {
  const most = Math.max(...of.map(([, value]) => Math.abs(value)), 1e-12);
  return html`<div class="bars" role="img" aria-label=${`${label}: ${of.slice(0, 8).map(([name, value]) => `${name} ${number(value)}`).join(", ")}`}>
    ${of.map(([name, value]) => {
      const width = (50 * Math.abs(value)) / most;
      return html`<span>${name}</span><div class="signed"><i class=${value < 0 ? "down" : ""} style=${{ width: `${width}%`, left: value < 0 ? `${50 - width}%` : "50%" }}></i></div><span>${value > 0 ? "+" : ""}${number(value)}</span>`;
    })}
  </div>`;
}

/** A metric with its interval on a line of its own. */
export function Interval({ value, low, high, span }) {
  const place = scale(span[0], span[1], 2, 118);
  return html`<svg class="plot" viewBox="0 0 120 14" style=${{ width: "120px" }} aria-hidden="true">
    <line class="grid" x1="0" x2="120" y1="7" y2="7" /><line class="whisker" x1=${place(low)} x2=${place(high)} y1="7" y2="7" stroke-width="3" /><circle class="mark" cx=${place(value)} cy="7" r="4" />
  </svg>`;
}

/** Bins beside each other, as high as their rows lie dense. `of` are `{from, to, rows}`. */
export function Spread({ of, label }) {
  const [low, high] = [of[0].from, of.at(-1).to];
  const x = scale(low, high, 0, 120);
  const dense = of.map(({ from, to, rows }) => rows / Math.max(to - from, (high - low) / 120 || 1));
  const most = Math.max(...dense);
  return html`<svg class="plot" viewBox="0 0 120 26" style=${{ width: "120px" }} role="img" aria-label=${label}>
    ${of.map(({ from, to }, place) => { const height = (25 * dense[place]) / most; const left = high === low ? 58 : x(from); return html`<rect class="mark" x=${left} y=${26 - height} width=${high === low ? 4 : Math.max(1, x(to) - left - 0.5)} height=${height} />`; })}
  </svg>`;
}

/** A small line without axes: partial dependence of a number. */
export function Spark({ points, label }) {
  const numeric = points.every((point) => point.value !== "" && Number.isFinite(Number(point.value)));
  const outputs = points.map((point) => point.output);
  if (!numeric) return html`<${Bars} label=${label} of=${points.map((point) => [point.value || "missing", point.output, number(point.output)])} />`;
  const xs = points.map((point) => Number(point.value));
  return html`<${Plot} x=${{ ends: ends(xs, 0.02) }} y=${{ ends: ends(outputs) }} height=${170} label=${label}>
    ${(place) => html`<path class="line" d=${path(points.map((point, index) => [xs[index], point.output]), place)} />${points.map((point, index) => html`<circle class="mark" cx=${place.x(xs[index])} cy=${place.y(point.output)} r="3"><title>${`${point.value}: ${number(point.output)}`}</title></circle>`)}`}
  <//>`;
}

/** Shares of two sides, cell beside cell: training and now. Edges of numbers stand between the cells, levels below theirs. */
export function TwoSides({ of, label, height = 190 }) {
  const cells = of.reference.length;
  const most = Math.max(...of.reference, ...of.current, 1e-12);
  const shown = (cell) => {
    if (of.levels?.length) return of.levels[cell] ?? "all others";
    const { edges = [] } = of;
    if (cell === 0) return `below ${number(edges[0])}`;
    return cell === edges.length ? `from ${number(edges.at(-1))}` : `${number(edges[cell - 1])} to ${number(edges[cell])}`;
  };
  const percent = (share) => `${number(100 * share)} %`;
  const edges = of.levels?.length ? [] : [1, Math.ceil(cells / 2), cells - 1].filter((edge, index, all) => edge > 0 && all.indexOf(edge) === index);
  const names = { ends: [0, cells], ticks: edges, shown: (edge) => number(of.edges[edge - 1]) };
  return html`<${Plot} x=${names} y=${{ ends: [0, most * 1.05], shown: percent }} height=${height} label=${label} caption=${of.levels?.length ? of.levels.map((level) => level || "empty").join(" · ") + (cells > of.levels.length ? " · all others" : "") : null}>
    ${(place) => of.reference.map((share, cell) => {
      const bar = (value, from, to, side) => html`<rect class=${`side ${side}`} x=${place.x(cell + from)} width=${place.x(to) - place.x(from)} y=${place.y(value)} height=${place.bottom - place.y(value)} />`;
      return html`<g><title>${`${shown(cell)}: ${percent(share)} in training, ${percent(of.current[cell])} now`}</title>${bar(share, 0.1, 0.49, "before")}${bar(of.current[cell], 0.51, 0.9, "now")}</g>`;
    })}
  <//>`;
}

/** Whether the values of cells are numbers in order; those of texts and of personal data are not. */
const areNumbers = (cells) => cells.filter((cell) => cell.value !== null).every((cell) => cell.value !== "" && Number.isFinite(Number(cell.value)));

/** The colour of a cell among others: from low values to high ones. Texts and rows without a value have none. */
const heat = (place, count) => (place === null ? null : { fill: `color-mix(in srgb, var(--bad) ${Math.round((100 * place) / Math.max(1, count - 1))}%, var(--busy))` });

/** A line for each input: its cells where their rows' contributions lie, coloured by value. */
export function Swarm({ inputs, label }) {
  const step = 30;
  const height = inputs.length * step + PAD.bottom + 6;
  const left = 150;
  const xs = ends(inputs.flatMap(({ cells }) => cells.flatMap((cell) => [cell.low, cell.high, 0])), 0.04);
  const x = scale(xs[0], xs[1], left, WIDTH - PAD.right);
  const most = Math.max(...inputs.flatMap(({ cells }) => cells.map((cell) => cell.rows)), 1);
  const shown = ticks(...xs, 4);
  return html`<figure>
    <svg class="plot" viewBox=${`0 0 ${WIDTH} ${height}`} role="img" aria-label=${`${label}: ${inputs.slice(0, 6).map((input) => input.input).join(", ")}`}>
      ${shown.map((tick) => html`<line class=${tick === 0 ? "axis" : "grid"} x1=${x(tick)} x2=${x(tick)} y1="4" y2=${height - PAD.bottom} /><text x=${x(tick)} y=${height - 16} text-anchor="middle">${number(tick)}</text>`)}
      ${inputs.map(({ input, cells }, row) => {
        const y = row * step + step / 2 + 4;
        const ordered = areNumbers(cells);
        const present = cells.filter((cell) => cell.value !== null).length;
        return html`<g><text x=${left - 10} y=${y + 4} text-anchor="end">${input.length > 20 ? `${input.slice(0, 19)}…` : input}<title>${input}</title></text>
          ${cells.map((cell, place) => {
            // Cells one above the other, so that none hides another.
            const lift = y + (place - (cells.length - 1) / 2) * Math.min(2.2, 20 / cells.length);
            return html`<g><title>${`${input} ${cell.value ?? "missing"}: ${number(cell.mean)} on average, ${whole(cell.rows)} rows`}</title>
              <line class="whisker" x1=${x(cell.low)} x2=${x(cell.high)} y1=${lift} y2=${lift} />
              <circle class=${`mark ${ordered && cell.value !== null ? "" : "faint"}`} style=${heat(ordered && cell.value !== null ? place : null, present)} cx=${x(cell.mean)} cy=${lift} r=${2 + 3 * Math.sqrt(cell.rows / most)} /></g>`;
          })}</g>`;
      })}
    </svg>
    <figcaption>A point is the mean of rows whose values lie together, a line where 80 % of them lie; blue are low values of the input, red high ones, grey texts and rows without a value.</figcaption>
  </figure>`;
}

/** Contributions of one input by its value, with where 80 % of the rows lie. */
export function Dependence({ of: { input, cells } }) {
  const present = cells.filter((cell) => cell.value !== null);
  if (present.length === 0) return null;
  const numeric = areNumbers(cells);
  const at = (cell, place) => (numeric ? Number(cell.value) : place);
  const xs = ends(present.map(at), numeric ? 0.04 : 0.1);
  const short = (value) => (value.length > 9 ? `${value.slice(0, 8)}…` : value);
  const places = present.map((_, place) => place);
  const axis = numeric ? { ends: xs, label: input } : { ends: xs, label: input, ticks: places, shown: (place) => short(present[place]?.value ?? "") };
  return html`<${Plot} x=${axis} y=${{ ends: ends([0, ...present.flatMap((cell) => [cell.low, cell.high])]) }} label=${`Contribution of ${input} by its value`} caption="Mean contribution of rows with about the same value, and where 80 % of them lie.">
    ${(place) => html`
      <line class="ideal" x1=${PAD.left} x2=${WIDTH - PAD.right} y1=${place.y(0)} y2=${place.y(0)} />
      ${numeric && html`<path class="line" d=${path(present.map((cell, index) => [at(cell, index), cell.mean]), place)} />`}
      ${present.map((cell, index) => html`<g><title>${`${cell.value}: ${number(cell.mean)}, ${whole(cell.rows)} rows`}</title><line class="whisker" x1=${place.x(at(cell, index))} x2=${place.x(at(cell, index))} y1=${place.y(cell.low)} y2=${place.y(cell.high)} /><circle class="mark" cx=${place.x(at(cell, index))} cy=${place.y(cell.mean)} r="3.5" /></g>`)}`}
  <//>`;
}
