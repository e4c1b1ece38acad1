// Numbers, times and names as people read them.

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A number with at most four significant decimals; a dash where there is none. */
export function number(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e9)) return value.toExponential(2);
  return NUMBER.format(value);
}

/** A duration, given in milliseconds, with three figures. */
export const milliseconds = (value) => (Number.isFinite(value) ? `${NUMBER.format(Number(value.toPrecision(3)))} ms` : "–");

/** A whole number with its thousands apart. */
export const whole = (value) => (Number.isFinite(value) ? WHOLE.format(value) : "–");

/** A share of 1 in per cent. */
export const percent = (share) => (Number.isFinite(share) ? `${number(Math.round(share * 1000) / 10)} %` : "–");

/** A duration, given in seconds. */
export function seconds(value) {
  if (!Number.isFinite(value)) return "–";
  if (value < 0.9995) return `${Math.max(1, Math.round(value * 1000))} ms`;
  if (value < 60) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(value % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A size, given in bytes. */
export function bytes(value) {
  if (!Number.isFinite(value)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** An instant of RFC 3339 as this place writes it. */
export function time(text) {
  const at = new Date(text);
  return text && !Number.isNaN(at.getTime()) ? CLOCK.format(at) : "–";
}

/** How long ago an instant is. */
export function ago(text, now = Date.now()) {
  const at = new Date(text).getTime();
  if (!text || Number.isNaN(at)) return "–";
  const past = Math.max(0, (now - at) / 1000);
  if (past < 5) return "now";
  if (past < 60) return `${Math.floor(past)} s ago`;
  if (past < 3600) return `${Math.floor(past / 60)} min ago`;
  if (past < 86400) return `${Math.floor(past / 3600)} h ago`;
  return `${Math.floor(past / 86400)} d ago`;
}

/** The colour that says how a status is: `good`, `busy`, `warn`, `bad` or none. */
export function tone(status) {
  switch (status) {
    case "succeeded": case "healthy": case "production": case "promoted": case "resolved": case "successful": return "good";
    case "running": case "queued": case "retrying": case "progressing": case "requested": case "staging": case "shadow": return "busy";
    case "partial": case "starting": case "degraded": case "warning": case "proposed": case "paused": case "acknowledged": case "inconclusive": case "unknown": return "warn";
    case "failed": case "unhealthy": case "critical": case "active": return "bad";
    default: return "";
  }
}

/** A name of the API with blanks in place of hyphens and underscores. */
export const words = (name) => String(name ?? "").replaceAll(/[-_]/g, " ");

/** The first figures of a digest. */
export const short = (digest) => String(digest ?? "").slice(0, 12);

/** Whether greater values of a metric are better. */
export const rises = (metric) => !/log_loss|brier|error|rmse|mae|mape|loss|_ms$/.test(metric);
