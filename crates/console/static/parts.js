// The parts that pages are made of.

import { Component, h } from "./vendor/preact.js";
import { useEffect, useLayoutEffect, useRef, useState } from "./vendor/hooks.js";
import htm from "./vendor/htm.js";
import { useLack } from "./api.js";
import { tone, words } from "./format.js";
import { STAGES } from "./stages.js";

/** Markup as Preact makes it: texts in it are texts, whatever they hold. */
export const html = htm.bind(h);

const ROOT = "/console/";
const moves = new Set();

/** Goes to a page of the console. */
export function go(to, { replace = false } = {}) {
  const url = ROOT + to;
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  moves.forEach((moved) => moved());
}

/** The address of a page: each part is one segment. */
export const at = (...parts) => ROOT + parts.map((part) => encodeURIComponent(part)).join("/");

/** Where the console stands: the segments of the path, and the query. */
export function useLocation() {
  const read = () => ({
    parts: location.pathname.slice(ROOT.length).split("/").filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(location.search),
  });
  const [now, set] = useState(read);
  useEffect(() => {
    const moved = () => set(read());
    const click = (event) => {
      const link = event.target.closest?.("a[href]");
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.getAttribute("target")) return;
      // Links of plots are of SVG, and have no parts of their address.
      const { hash, origin, pathname, search } = new URL(link.getAttribute("href"), location.href);
      if (hash || origin !== location.origin || !pathname.startsWith(ROOT)) return;
      event.preventDefault();
      go(pathname.slice(ROOT.length) + search);
    };
    moves.add(moved);
    addEventListener("popstate", moved);
    document.addEventListener("click", click);
    return () => { moves.delete(moved); removeEventListener("popstate", moved); document.removeEventListener("click", click); };
  }, []);
  return now;
}

const ICONS = {
  runs: "M4 6h10M4 12h16M4 18h7M18 4v4M18 4l-2 2M18 4l2 2",
  submit: "M12 5v14M5 12h14",
  models: "M12 3 4 7v10l8 4 8-4V7l-8-4ZM4 7l8 4 8-4M12 11v10",
  endpoints: "M5 12h4m6 0h4M9 12a3 3 0 1 0 6 0 3 3 0 0 0-6 0M12 9V4M12 20v-5",
  monitoring: "M3 13h4l3-8 4 14 3-6h4",
  fleet: "M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01",
  api: "M8 7l-5 5 5 5M16 7l5 5-5 5M13 4l-2 16",
};

/** A drawing without a meaning of its own. */
export const Icon = ({ name }) => html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name] ?? STAGES[name]?.drawing ?? ICONS.models} /></svg>`;

/** A page's head: title, what stands above and below it, and what is done here. */
export function Head({ title, crumbs = [], sub, children }) {
  const heading = useRef(null);
  useLayoutEffect(() => { document.title = `${title} · tier0`; }, [title]);
  return html`<div class="head">
    <div>
      ${crumbs.length > 0 && html`<nav class="crumbs" aria-label="Where this is">${crumbs.map(([label, href], index) => html`${index > 0 && html`<span aria-hidden="true">/</span>`}<a href=${href}>${label}</a>`)}</nav>`}
      <h1 ref=${heading} tabindex="-1">${title}</h1>
      ${sub && html`<p class="sub">${sub}</p>`}
    </div>
    <div class="row">${children}</div>
  </div>`;
}

/** A surface with a heading, or with a label where it needs none to be seen. */
export const Card = ({ title, actions, children, bare = false, label }) => html`<section class="card" aria-label=${label ?? title}>
  ${!title && html`<h2 class="hidden">${label}</h2>`}
  ${(title || actions) && html`<header>${title && html`<h2>${title}</h2>`}${actions}</header>`}
  ${bare ? children : html`<div class="in">${children}</div>`}
</section>`;

/** A status in its colour. */
export const Badge = ({ status, label, kind }) => html`<span class=${`badge ${kind ?? tone(status)}`}>${label ?? words(status)}</span>`;

/** A table that may be wider than the page. */
export const Scroll = ({ label, children }) => html`<div class="scroll" role="group" aria-label=${label} tabindex="0">${children}</div>`;

/** Names with their values. */
export const Facts = ({ of }) => html`<dl class="facts">${of.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

/** That there is nothing, and what to do. */
export const Empty = ({ icon = "models", title, children }) => html`<div class="empty"><${Icon} name=${icon} /><h2>${title}</h2>${children}</div>`;

/** Why something was refused, in the API's own words. */
export function Problem({ error, again }) {
  if (!error) return null;
  const known = error.missing?.known ?? [];
  const suggestions = error.refused?.suggestions ?? [];
  return html`<div class="note bad" role="alert">
    <div>${error.message}${known.length > 0 && html` There is ${known.join(", ")}.`}</div>
    ${suggestions.length > 0 && html`<div>What would be accepted: ${suggestions.join(", ")}</div>`}
    ${again && html`<div class="row"><button class="small" onClick=${again}>Ask again</button></div>`}
  </div>`;
}

/** What stands where an answer is waited for. */
export const Bones = ({ lines = 4 }) => html`<div class="stack" role="status" aria-label="Loading">${Array.from({ length: lines }, (_, line) => html`<div class="bone" style=${{ width: `${92 - (line % 3) * 18}%` }}></div>`)}</div>`;

/** An answer, once it is there; before that its bones, and where it failed the reason. */
export function Answer({ of, children, lines }) {
  if (of.data) return html`${of.error && html`<${Problem} error=${of.error} again=${of.again} />`}${children(of.data)}`;
  if (of.error) return html`<${Problem} error=${of.error} again=${of.again} />`;
  return html`<${Bones} lines=${lines} />`;
}

/** Tabs; the arrows move between them. */
export function Tabs({ names, chosen, choose, label }) {
  const key = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(chosen) + step + names.length) % names.length];
    choose(next);
    event.currentTarget.querySelector(`[data-tab="${next}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${key}>
    ${names.map((name) => html`<button type="button" role="tab" data-tab=${name} aria-selected=${String(name === chosen)} tabindex=${name === chosen ? 0 : -1} onClick=${() => choose(name)}>${name}</button>`)}
  </div>`;
}

/** A text with a button that copies it. */
export function Copyable({ text, label }) {
  return html`<div class="copy"><pre tabindex="0" aria-label=${label}>${text}</pre><button class="small" onClick=${() => copy(text)}>Copy</button></div>`;
}

/** Copies a text, and says so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser does not let this page copy; select the text instead");
  }
}

/**
 * A question before something is done. `what` says in words what will happen; `reason` asks for a reason.
 * `act` gives whether it was done; the dialog stays open with the refusal where it was not.
 */
export function Confirm({ title, what, label, danger = false, reason = "Reason", change, act, close }) {
  const dialog = useRef(null);
  const [text, setText] = useState("");
  useEffect(() => { dialog.current?.showModal(); }, []);
  const submit = async (event) => {
    event.preventDefault();
    if (await act(text.trim())) close();
  };
  return html`<dialog ref=${dialog} onClose=${close} aria-label=${title}>
    <form method="dialog" onSubmit=${submit}>
      <h2>${title}</h2>
      <p>${what}</p>
      ${reason && html`<div class="field"><label for="reason">${reason} <small>(for the record)</small></label><input id="reason" value=${text} maxlength="400" onInput=${(event) => setText(event.target.value)} /></div>`}
      <${Problem} error=${change.error} />
      <div class="row">
        <button type="button" onClick=${close}>Keep as it is</button>
        <button type="submit" class=${danger ? "danger" : "main"} disabled=${change.busy}>${change.busy ? "Under way…" : label}</button>
      </div>
    </form>
  </dialog>`;
}

/** A button for who has a right; for others it is there, does nothing, and says why. */
export function Act({ right, disabled, children, ...rest }) {
  const lack = useLack(right);
  return html`<button ...${rest} disabled=${disabled || lack !== null} title=${lack}>${children}${lack && html`<span class="hidden"> ${lack}</span>`}</button>`;
}

const toasts = new Set();

/** Says something for some seconds. */
export const toast = (text) => toasts.forEach((show) => show(text));

/** Where it is said. */
export function Toasts() {
  const [said, set] = useState([]);
  useEffect(() => {
    const show = (text) => {
      const one = { text, id: Math.random() };
      set((before) => [...before.slice(-2), one]);
      setTimeout(() => set((before) => before.filter((other) => other !== one)), 5000);
    };
    toasts.add(show);
    return () => toasts.delete(show);
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">${said.map((one) => html`<div class="toast" key=${one.id}>${one.text}</div>`)}</div>`;
}

/** A page that fails shows its error, and leaves the others alone. */
export class Guard extends Component {
  constructor() {
    super();
    this.state = { error: null };
  }

  componentDidCatch(error) {
    console.error(error);
    this.setState({ error });
  }

  componentDidUpdate(before) {
    if (before.of !== this.props.of && this.state.error) this.setState({ error: null });
  }

  render() {
    return this.state.error ? html`<${Problem} error=${{ message: `This page failed: ${this.state.error.message}` }} />` : this.props.children;
  }
}
