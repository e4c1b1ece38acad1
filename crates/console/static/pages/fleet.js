// The fleet: how each part is, what waits, and the messages that were put aside.

import { useState } from "../vendor/hooks.js";
import { path, useChange, useQuery, withQuery } from "../api.js";
import { ago, milliseconds, time, whole, words } from "../format.js";
import { Act, Answer, Badge, Card, Confirm, Copyable, Empty, Facts, Head, Problem, Scroll, at, go, html, toast } from "../parts.js";

/** The groups of parts in the order in which they are shown, with the kinds in them. */
const KINDS = [["Agents", ["agent"]], ["Model servers", ["model_server"]], ["Services and stores", ["service", "broker", "registry", "store", "cache", "tracker", "process"]], ["Queues", ["queue"]], ["Streams", ["stream"]]];

export default function Fleet() {
  const health = useQuery("/api/v1/health", 3000);
  return html`
    <${Head} title="Fleet" sub=${health.data ? `Checked ${ago(health.data.checked_at)}` : "How each part of the fleet is."}>${health.data && html`<${Badge} status=${health.data.status} />`}<//>
    ${health.data?.warnings.map((warning) => html`<div class="note warn"><div>${warning.message}</div><small class="mono">${warning.code} · ${warning.agent}</small></div>`)}
    ${health.data && html`<div class="tiles">${Object.entries(health.data.runs).map(([status, count]) => html`<a class="card tile" href=${`/console/runs?status=${status}`}><span>Runs ${words(status)}</span><b>${whole(count)}</b></a>`)}</div>`}
    ${!health.data && html`<${Card} label="Health"><${Answer} of=${health} lines=${8}>${() => null}<//><//>`}
    ${health.data && KINDS.map(([label, kinds]) => { const parts = health.data.components.filter((part) => kinds.includes(part.kind)); return parts.length > 0 && html`<${Card} title=${label} key=${label} bare><div style=${{ height: "8px" }}></div><${Scroll} label=${label}><table>
      <thead><tr><th class="part">Part</th><th class="status">Status</th><th>Found</th><th class="num wide">Answer</th><th class="num wide">So since</th></tr></thead>
      <tbody>${parts.map((part) => html`<tr key=${part.name}><th scope="row">${part.name}${!part.required && html` <span class="under">optional</span>`}</th><td><${Badge} status=${part.status} /></td><td>${part.detail}${part.advice && html`<div class="under">${part.advice}</div>`}</td><td class="num wide">${milliseconds(part.response_ms)}</td><td class="num wide" title=${time(part.since)}>${ago(part.since)}</td></tr>`)}</tbody>
    </table><//><//>`; })}
    <${DeadLetters} />`;
}

function DeadLetters() {
  const letters = useQuery(withQuery("/api/v1/dead-letters", { limit: 200 }), 5000);
  const [open, setOpen] = useState(null);
  const [replaying, setReplaying] = useState(null);
  const change = useChange();
  const close = () => { change.clear(); setReplaying(null); };
  const act = async () => {
    const done = await change.make(path("dead-letters", replaying.id, "replay"), {});
    if (done) { toast(`Taken up as run ${done.run_id}`); letters.again(); go(`runs/${encodeURIComponent(done.run_id)}`); }
    else letters.again();
    return Boolean(done);
  };
  return html`<${Card} title="Dead letters" bare>
    ${replaying && html`<${Confirm} title=${`Replay ${replaying.id}?`} label="Replay" reason="" change=${change} close=${close} act=${act}
      what=${`${replaying.run_id ? `Run ${replaying.run_id} is driven anew from ${replaying.agent} with this message.` : "The request is sent again as it came."} Do this after what was wrong has been put right. The letter is removed once its message is taken up.`} />`}
    ${letters.data?.dead_letters.length ? html`<div style=${{ height: "8px" }}></div><${Scroll} label="Dead letters"><table><thead><tr><th>Letter</th><th>Reason</th><th class="num wide">Deliveries</th><th class="num wide">Put aside</th><th><span class="hidden">Actions</span></th></tr></thead>
      <tbody>${[...letters.data.dead_letters].reverse().map((letter) => html`<tr key=${letter.id}>
        <td><span class="title mono">${letter.id}</span><span class="under">${letter.agent}${letter.run_id && html` · <a href=${at("runs", letter.run_id)}>${letter.run_id}</a>`}</span></td>
        <td>${letter.reason.message}<div class="under mono">${letter.reason.code}${letter.kind === "refused_request" && " · refused request"}</div></td><td class="num wide">${letter.deliveries}</td><td class="num wide" title=${time(letter.at)}>${ago(letter.at)}</td>
        <td><div class="row acts"><button class="small" aria-expanded=${String(open === letter.id)} onClick=${() => setOpen(open === letter.id ? null : letter.id)}>${open === letter.id ? "Close" : "Show"}</button><${Act} right="replay_dead_letters" class="small" onClick=${() => setReplaying(letter)}>Replay<//></div></td>
      </tr>${open === letter.id && html`<tr key=${`${letter.id}-open`}><td colspan="5"><${Letter} id=${letter.id} /></td></tr>`}`)}</tbody></table><//>`
      : letters.data ? html`<${Empty} icon="fleet" title="No dead letter">A message that no agent could handle stands here, with the reason.<//>` : html`<div class="in"><${Answer} of=${letters}>${() => null}<//></div>`}
  <//>`;
}

function Letter({ id }) {
  const letter = useQuery(path("dead-letters", id));
  return html`<${Answer} of=${letter}>${(of) => html`<div class="stack">
    <${Facts} of=${[["Subject", html`<span class="mono">${of.subject}</span>`], ["Size", `${whole(of.bytes)} bytes${of.truncated ? ", the rest was cut" : ""}`], ...of.attempts.map((attempt) => [`Attempt ${attempt.attempt}`, `${words(attempt.kind)}${attempt.message ? `: ${attempt.message}` : ""}`])]} />
    ${of.problem && html`<${Problem} error=${{ message: of.problem }} />`}
    ${of.message && html`<${Copyable} label="Message" text=${JSON.stringify(of.message, null, 2)} />`}
  </div>`}<//>`;
}
