// Where versions came from and where they went, as a graph; and which version answered when.

import { short, words } from "../format.js";
import { Scroll, at, html } from "../parts.js";

const BOX = { width: 184, height: 42, across: 60, down: 14 };
/** Versions of a model that are drawn, the latest. */
const MOST = 12;

/** Boxes in columns from left to right, and lines between them. A box is `{id, text, under, href, main}`; a line `[from, to, says]`. */
function Graph({ columns, lines, label }) {
  const shown = columns.filter((column) => column.length > 0);
  const tallest = Math.max(...shown.map((column) => column.length));
  const step = BOX.height + BOX.down;
  const height = tallest * step;
  const width = shown.length * BOX.width + (shown.length - 1) * BOX.across + 34;
  const places = new Map(shown.flatMap((column, index) => column.map((box, row) => [box.id, { column: index, x: index * (BOX.width + BOX.across), y: (height - column.length * step) / 2 + row * step + BOX.down / 2 }])));
  const drawn = ([from, to]) => {
    const [a, b] = [places.get(from), places.get(to)];
    const [ay, by] = [a.y + BOX.height / 2, b.y + BOX.height / 2];
    // Boxes of one column are joined at their right.
    if (a.column === b.column) return `M${a.x + BOX.width} ${ay}C${a.x + BOX.width + 30} ${ay} ${b.x + BOX.width + 30} ${by} ${b.x + BOX.width} ${by}`;
    const bend = (b.x - a.x - BOX.width) / 2;
    return `M${a.x + BOX.width} ${ay}C${a.x + BOX.width + bend} ${ay} ${b.x - bend} ${by} ${b.x} ${by}`;
  };
  const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const box = ({ id, text, under, href, main }) => {
    const { x, y } = places.get(id);
    const body = html`<title>${`${text}${under ? `, ${under}` : ""}`}</title><rect class=${main ? "box main" : "box"} x=${x} y=${y} width=${BOX.width} height=${BOX.height} rx="7" />
      <text class="name" x=${x + 10} y=${y + 18}>${cut(text, 25)}</text><text x=${x + 10} y=${y + 33}>${cut(under ?? "", 27)}</text>`;
    return href ? html`<a href=${href}>${body}</a>` : html`<g>${body}</g>`;
  };
  return html`<${Scroll} label=${label}><svg class="plot graph" viewBox=${`0 0 ${width} ${height}`} style=${{ minWidth: `${Math.round(width * 0.8)}px`, maxWidth: `${width}px` }}>
    ${lines.filter(([from, to]) => places.has(from) && places.has(to)).map((line) => html`<path class=${line[2] ? "tie before" : "tie"} d=${drawn(line)}><title>${line[2] ?? ""}</title></path>`)}
    ${shown.flat().map(box)}
  </svg><//>`;
}

/** Boxes of one kind, each once. */
const once = (boxes) => [...new Map(boxes.map((box) => [box.id, box])).values()];

const data = ({ data_sha256: digest }) => ({ id: `data ${digest}`, text: "Table", under: `sha256 ${short(digest)}` });
const run = ({ run_id: id }) => ({ id: `run ${id}`, text: "Run", under: id, href: at("runs", id) });
const box = (of, main) => ({ id: `version ${of.version}`, text: `Version ${of.version}`, under: `${words(of.stage)}, ${words(of.algorithm)}`, href: at("models", of.model, "versions", of.version), main });
const made = (of) => [[data(of).id, run(of).id], [run(of).id, `version ${of.version}`]];
const before = (of) => (of.parent_version ? [[`version ${of.parent_version}`, `version ${of.version}`, `version ${of.parent_version} answered before version ${of.version}`]] : []);

/** The latest versions of a model: tables, runs, versions, and which came after which. */
export function ModelLineage({ versions }) {
  const latest = versions.slice(0, MOST);
  return html`<${Graph} label="Lineage of the versions" columns=${[once(latest.map(data)), once(latest.map(run)), latest.map((of) => box(of, of.stage === "production"))]} lines=${latest.flatMap((of) => [...made(of), ...before(of)])} />
    <p class="sub">A table made a run, a run a version; a broken line leads from the version that answered to the one that came after it.${versions.length > MOST ? ` The latest ${MOST} versions are drawn.` : ""}</p>`;
}

/** One version: its table and run, the one before it, those that came after it, and the endpoints that hold it. */
export function VersionLineage({ of, versions }) {
  const after = versions.filter((one) => one.parent_version === of.version).slice(0, MOST);
  const earlier = of.parent_version ? [{ id: `version ${of.parent_version}`, text: `Version ${of.parent_version}`, under: "answered before", href: at("models", of.model, "versions", of.parent_version) }] : [];
  const held = of.endpoints.map((one) => ({ id: `endpoint ${one.endpoint}`, text: one.endpoint, under: words(one.role), href: at("endpoints", one.endpoint) }));
  const lines = [...made(of), ...before(of), ...after.flatMap(before), ...held.map(({ id }) => [`version ${of.version}`, id])];
  return html`<${Graph} label=${`Lineage of version ${of.version}`} columns=${[[data(of)], [run(of), ...earlier], [box(of, true)], [...held, ...after.map((one) => box(one))]]} lines=${lines} />`;
}

/** The stretches of time in which one version answered, of entries of the log, the latest first. */
export function stretches(entries, now) {
  const found = [];
  for (const { at: when, live } of [...entries].reverse()) {
    const from = new Date(when).getTime();
    const name = live ? `${live.model} ${live.version}` : null;
    const last = found.at(-1);
    if (last?.name === name) continue;
    if (last) last.to = from;
    found.push({ name, live, from, to: now });
  }
  return found.filter(({ name }) => name);
}

/** Which version answered when, a row for each, the latest above. */
export function Answered({ entries }) {
  const now = Date.now();
  const spans = stretches(entries, now);
  if (spans.length === 0) return null;
  const names = [...new Set(spans.map(({ name }) => name))].reverse();
  const [left, width, row] = [110, 560, 26];
  const from = spans[0].from;
  const place = (when) => left + ((width - left) * (when - from)) / Math.max(1, now - from);
  const clock = (when) => new Date(when).toLocaleString([], now - from < 86400000 ? { hour: "2-digit", minute: "2-digit", second: "2-digit" } : { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const height = names.length * row + 22;
  const says = spans.map(({ live, from, to }) => `version ${live.version} from ${clock(from)} to ${to === now ? "now" : clock(to)}`);
  return html`<figure><svg class="plot" viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`Which version answered when: ${says.slice(-6).join(", ")}`}>
    ${names.map((name, index) => html`<text x="0" y=${index * row + 17}>version ${spans.find((span) => span.name === name).live.version}</text><line class="grid" x1=${left} x2=${width} y1=${index * row + 13} y2=${index * row + 13} />`)}
    ${spans.map(({ name, from, to }, index) => html`<rect class=${to === now ? "span now" : "span"} x=${place(from)} y=${names.indexOf(name) * row + 5} width=${Math.max(2, place(to) - place(from))} height="16" rx="3"><title>${says[index]}</title></rect>`)}
    <text x=${left} y=${height - 4}>${clock(from)}</text><text x=${width} y=${height - 4} text-anchor="end">now</text>
  </svg></figure>`;
}
