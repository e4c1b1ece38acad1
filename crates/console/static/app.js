// The frame of all pages, and which page stands where.

import { render } from "./vendor/preact.js";
import { useEffect, useRef, useState } from "./vendor/hooks.js";
import { logIn, logOut, meet, onTokenWanted, useMe, useQuery } from "./api.js";
import { follow, useConnection } from "./live.js";
import { Bones, Empty, Guard, Icon, Problem, Toasts, go, html, useLocation } from "./parts.js";
import * as runs from "./pages/runs.js";

/** The pages by the first segment of their path; all but the first are loaded when they are gone to. */
const PAGES = {
  runs: { label: "Runs", key: "r", load: async () => runs },
  submit: { label: "New run", key: "n", load: () => import("./pages/submit.js") },
  models: { label: "Models", key: "m", load: () => import("./pages/models.js") },
  endpoints: { label: "Endpoints", key: "e", load: () => import("./pages/endpoints.js") },
  monitoring: { label: "Monitoring", key: "o", load: () => import("./pages/monitoring.js") },
  fleet: { label: "Fleet", key: "f", load: () => import("./pages/fleet.js") },
  api: { label: "API", key: "a", load: () => import("./pages/reference.js") },
};
/** How often the frame asks for what it counts. */
const EVERY = 10000;
const THEME = "tier0-theme";
const THEMES = ["system", "light", "dark"];

function useTheme() {
  const [theme, set] = useState(localStorage.getItem(THEME) ?? "system");
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    localStorage.setItem(THEME, theme);
  }, [theme]);
  return [theme, () => set((before) => THEMES[(THEMES.indexOf(before) + 1) % THEMES.length])];
}

const CONNECTION = {
  connecting: ["", "Connecting"],
  live: ["good", "Live"],
  lost: ["warn", "Fleet not reached"],
};

function Side({ page, nextTheme, theme }) {
  const connection = useConnection();
  const me = useMe();
  const alerts = useQuery("/api/v1/alerts?state=active&limit=1", EVERY);
  const health = useQuery("/api/v1/health", EVERY);
  const [tone, said] = CONNECTION[connection];
  const ill = health.data?.components.filter((component) => component.required && component.status !== "healthy").length;
  const counts = { monitoring: [alerts.data?.total, "active alerts"], fleet: [ill, "parts not healthy"] };
  return html`<header class="side">
    <a class="brand" href="/console/runs" aria-label="tier0 console"><img src="/console/icon.svg" alt="" /><span>tier0</span></a>
    <nav aria-label="Pages"><ul>${Object.entries(PAGES).map(([name, { label }]) => {
      const [count, of] = counts[name] ?? [];
      return html`<li><a href=${`/console/${name}`} aria-current=${name === page ? "page" : null}><${Icon} name=${name} />${label}${count > 0 && html`<span class="count" title=${`${count} ${of}`}>${count}<span class="hidden"> ${of}</span></span>`}</a></li>`;
    })}</ul></nav>
    <div class="foot">
      <div class="beat" role="status"><span class=${`dot ${tone}`}></span><span>${said}</span></div>
      <button class="quiet small" onClick=${nextTheme} title="Colours"><span aria-hidden="true">${{ system: "◐", light: "☀", dark: "☾" }[theme]}</span><span class="wide"><span class="hidden">Colours: </span>${{ system: "As the system", light: "Light", dark: "Dark" }[theme]}</span></button>
      ${me?.authenticated && html`<span class="sub" title=${`Role: ${me.role}`}>${me.actor}</span><button class="quiet small" onClick=${async () => { await logOut(); location.reload(); }}>Forget the token</button>`}
    </div>
  </header>`;
}

/** Asks for a token of the API, which the browser then keeps. */
function Token({ done }) {
  const [token, set] = useState("");
  const [error, fail] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await logIn(token.trim());
      done();
    } catch (refusal) {
      fail(refusal);
    }
  };
  return html`<dialog ref=${(dialog) => dialog && !dialog.open && dialog.showModal()} aria-label="Token" onCancel=${(event) => event.preventDefault()}>
    <form onSubmit=${submit}>
      <h2>This fleet asks for a token</h2>
      <p class="sub">It is what <code>tier0 security token create</code> printed, or a token of your issuer. The browser keeps it until it is closed, where no script can read it, and sends it to this fleet alone.</p>
      <div class="field"><label for="token">Token</label><input id="token" type="password" autocomplete="off" required value=${token} onInput=${(event) => set(event.target.value)} /></div>
      <${Problem} error=${error} />
      <div class="row"><button class="main" type="submit">Open the console</button></div>
    </form>
  </dialog>`;
}

function Keys({ close }) {
  const pages = Object.values(PAGES).map(({ label, key }) => [`g ${key}`, label]);
  const keys = [...pages, ["/", "Search on this page"], ["t", "Colours: as the system, light, dark"], ["?", "This list"]];
  return html`<dialog ref=${(dialog) => dialog && !dialog.open && dialog.showModal()} onClose=${close} aria-label="Keys">
    <div class="stack"><h2>Keys</h2><dl class="facts">${keys.map(([key, what]) => html`<dt><code>${key}</code></dt><dd>${what}</dd>`)}</dl>
    <div class="row"><button onClick=${close}>Close</button></div></div>
  </dialog>`;
}

function useKeys(act) {
  useEffect(() => {
    let waits = 0;
    const key = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
      if (event.key === "g") { waits = Date.now(); return; }
      const page = Date.now() - waits < 1200 && Object.keys(PAGES).find((name) => PAGES[name].key === event.key);
      waits = 0;
      if (page) go(page);
      else if (event.key === "/") document.querySelector('main input[type="search"]')?.focus();
      else if (event.key === "t") act.theme();
      else if (event.key === "?") act.keys();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
}

function Page({ parts, query }) {
  const [loaded, set] = useState({});
  const name = parts[0] ?? "runs";
  useEffect(() => {
    let alive = true;
    PAGES[name]?.load().then((module) => alive && set({ name, module }), (error) => alive && set({ name, error }));
    return () => { alive = false; };
  }, [name]);
  if (!PAGES[name]) return html`<${Empty} title="There is no such page"><a href="/console/runs">To the runs</a><//>`;
  if (loaded.name !== name) return html`<${Bones} />`;
  if (loaded.error) return html`<${Problem} error=${{ message: "This page could not be loaded; the fleet does not answer." }} />`;
  return html`<${loaded.module.default} parts=${parts.slice(1)} query=${query} />`;
}

function App() {
  const { parts, query } = useLocation();
  const [theme, nextTheme] = useTheme();
  const [asks, setAsks] = useState(false);
  const [keys, setKeys] = useState(false);
  const [epoch, setEpoch] = useState(0);
  const connection = useConnection();
  const first = useRef(true);
  const place = parts.join("/");
  useEffect(() => onTokenWanted(() => setAsks(true)), []);
  useEffect(() => { follow(); meet().catch(() => {}); }, [epoch]);
  useKeys({ theme: nextTheme, keys: () => setKeys(true) });
  // Who moves by links is told where they are: the heading of the new page has the focus.
  useEffect(() => {
    if (first.current) { first.current = false; return; }
    scrollTo(0, 0);
    requestAnimationFrame(() => document.querySelector("h1")?.focus({ preventScroll: true }));
  }, [place]);
  return html`<div class="frame">
    <a class="skip" href="#main">To the page</a>
    <${Side} page=${parts[0] ?? "runs"} theme=${theme} nextTheme=${nextTheme} key=${epoch} />
    <main id="main">
      ${connection === "lost" && html`<div class="lost" role="alert">The fleet does not answer. What is shown may be old; the page comes back by itself.</div>`}
      <${Guard} of=${place + epoch}><${Page} parts=${parts} query=${query} key=${`${parts[0]}${epoch}`} /><//>
    </main>
    <${Toasts} />
    ${asks && html`<${Token} done=${() => { setAsks(false); setEpoch(epoch + 1); }} />`}
    ${keys && html`<${Keys} close=${() => setKeys(false)} />`}
  </div>`;
}

render(html`<${App} />`, document.getElementById("app"));
