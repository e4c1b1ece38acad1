// What happens in the fleet, as it happens: one stream of events for the whole page, taken up again where it ended.

import { useEffect, useState } from "./vendor/hooks.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
/** The stream says something every ten seconds; one that is silent for longer is lost. */
const SILENCE = 25000;

const listeners = new Set();
const watchers = new Set();
let state = "connecting";
let place = null;
let stopped = true;
let wait = FIRST_WAIT;
let opened = 0;

function become(next) {
  if (state === next) return;
  state = next;
  watchers.forEach((watch) => watch(next));
}

/** Calls back with the kind and the data of each event; gives what ends that. */
export function listen(callback) {
  listeners.add(callback);
  return () => listeners.delete(callback);
}

/** Whether the fleet answers: `connecting`, `live` or `lost`. */
export function useConnection() {
  const [now, set] = useState(state);
  useEffect(() => { set(state); watchers.add(set); return () => watchers.delete(set); }, []);
  return now;
}

/** Calls back for every change of a run, and with none where the page may have missed some. */
export function useRuns(callback, deps) {
  useEffect(() => listen((kind, data) => {
    if (kind === "run") callback(data);
    else if (kind === "overflowed" || kind === "opened") callback(null);
  }), deps);
}

/** Opens the stream, and opens it again whenever it ends. */
export async function follow() {
  if (!stopped) return;
  stopped = false;
  while (!stopped) {
    try {
      await read();
    } catch (error) {
      if (error.message === "unauthorized") { stopped = true; return; }
      become("lost");
    }
    await new Promise((resume) => setTimeout(resume, wait));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

async function read() {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), SILENCE);
  try {
    const given = { accept: "text/event-stream", ...(place === null ? {} : { "last-event-id": place }) };
    const response = await fetch("/api/v1/events", { headers: given, signal: abort.signal, cache: "no-store" });
    if (response.status === 401) throw new Error("unauthorized");
    if (!response.ok) throw new Error("refused");
    become("live");
    wait = FIRST_WAIT;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE);
      rest += value;
      const events = rest.split("\n\n");
      rest = events.pop();
      events.forEach(take);
    }
    throw new Error("ended");
  } finally {
    clearTimeout(silence);
  }
}

function take(text) {
  let kind = "message";
  let data = "";
  for (const line of text.split("\n")) {
    const at = line.indexOf(":");
    if (at < 1) continue;
    const value = line.slice(at + 1).replace(/^ /, "");
    const name = line.slice(0, at);
    if (name === "event") kind = value;
    else if (name === "data") data += value;
    else if (name === "id") place = value;
  }
  if (!data) return;
  // The first stream of a page begins where the page does: nothing was missed.
  if (kind === "opened" && opened++ === 0) return;
  const parsed = JSON.parse(data);
  listeners.forEach((callback) => callback(kind, parsed));
}
