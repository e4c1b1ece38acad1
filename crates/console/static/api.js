// Asking the API: who asks, the errors, and what a component asks for.

import { useCallback, useEffect, useRef, useState } from "./vendor/hooks.js";

const SESSION = "/api/v1/session";
const wanted = new Set();
const knowers = new Set();
let me = null;

/** Why the API did not answer: its status (0 where it was not reached), its code and its own message. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body?.message ?? "the fleet does not answer");
    this.status = status;
    this.code = body?.code ?? (status ? "error" : "unreachable");
    this.missing = body?.missing;
    this.refused = body?.refused;
  }
}

/** Calls back when the API asks for a token; gives what ends that. */
export function onTokenWanted(callback) {
  wanted.add(callback);
  return () => wanted.delete(callback);
}

/** Has the browser keep the token where no script can read it, and send it to this fleet alone. */
export const logIn = async (token) => {
  know(await ask(SESSION, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) }));
};
/** Has the browser forget the token. */
export const logOut = () => ask(SESSION, { method: "DELETE" });

/** Asks who asks. */
export const meet = async () => { know(await get("/api/v1/me")); };

function know(found) {
  me = found;
  knowers.forEach((knows) => knows(found));
}

/** Who asks: actor, role and rights; none until that is known. */
export function useMe() {
  const [now, set] = useState(me);
  useEffect(() => { set(me); knowers.add(set); return () => knowers.delete(set); }, []);
  return now;
}

/** Why who asks may not do something: none where it may, or where that is not known. */
export function useLack(right) {
  const missing = useMe()?.missing.find((one) => one.right === right);
  return missing ? `This needs the right ${right}, which ${missing.role} has; you are ${me.role}.` : null;
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0);
  }
  const body = await response.json().catch(() => null);
  if (response.ok) return body;
  if (response.status === 401) wanted.forEach((callback) => callback());
  throw new ApiError(response.status, body?.error ?? { message: `the API answered ${response.status}` });
}

/** The path of a resource: each part is one segment. */
export const path = (...parts) => `/api/v1/${parts.map((part) => encodeURIComponent(part)).join("/")}`;

/** A path with the fields that have a value. */
export function withQuery(base, fields) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== null && value !== "") query.set(name, value);
  const text = query.toString();
  return text ? `${base}?${text}` : base;
}

export const get = (path, signal) => ask(path, { signal });
/** Sends a file as it is. */
export const send = (path, file) => ask(path, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file });
export const post = (path, body = {}) =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...body, by: "console" }) });

/**
 * The answer to a query, asked again every so many milliseconds while the page is seen. What was answered last stays where a later
 * question fails.
 * @returns {{data: any, error: ApiError?, loading: boolean, again: () => void}}
 */
export function useQuery(path, every = 0) {
  const [state, set] = useState({ path, data: null, error: null, loading: true });
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((turn) => turn + 1), []);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    let timer;
    const look = async () => {
      if (!document.hidden) {
        try {
          const data = await get(path, abort.signal);
          set({ path, data, error: null, loading: false });
        } catch (error) {
          if (error.name === "AbortError") return;
          set((before) => ({ path, data: before.path === path ? before.data : null, error, loading: false }));
        }
      }
      if (every && !abort.signal.aborted) timer = setTimeout(look, every);
    };
    look();
    return () => { abort.abort(); clearTimeout(timer); };
  }, [path, every, turn]);
  const current = state.path === path ? state : { data: null, error: null, loading: path !== null };
  return { ...current, again };
}

/** What makes a change: whether it is under way, why it failed last, and the function that begins it. */
export function useChange() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  const make = async (path, body) => {
    setBusy(true);
    setError(null);
    try {
      return await post(path, body);
    } catch (error) {
      if (alive.current) setError(error);
      return null;
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  return { busy, error, make, clear: () => setError(null) };
}
