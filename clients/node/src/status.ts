// The eight figures of `GET /rate-limiter/status`, computed from what stands in Redis.
import type { Keys } from "./keys.js";
import type { Link } from "./link.js";

/** The figures of one account, with the names they have over HTTP. */
export interface Status {
  /** Submitted, waiting, or to be sent within the hour. */
  pending: number;
  /** Requests running now. */
  processing: number;
  /** Done jobs that are kept. */
  completed: number;
  /** Dead jobs that are kept. */
  failed: number;
  /** Done jobs since the beginning. */
  total_processed: number;
  /** Dead jobs since the beginning. */
  total_failed: number;
  /** Whether requests run, or would if the pace let them. */
  is_processing: boolean;
  /** Seconds until a normal job submitted now is sent, estimated; null while that is unknown. */
  estimated_wait_time: number | null;
}

/** What is asked of Redis. */
export interface Seen {
  nowMs: number;
  inbox: number;
  high: number;
  normal: number;
  low: number;
  scheduledSoon: number;
  running: number;
  done: number;
  dead: number;
  totals: readonly (string | null)[];
  /** `paused_by`, `paused_until_ms`, `breaker`. */
  pacer: readonly (string | null)[];
  /** The settings in force, JSON; null before a worker has started. */
  config: string | null;
}

const HOUR_MS = 3_600_000;

/** Reads the figures; they are no picture of one instant. */
export async function readStatus(link: Link, keys: Keys): Promise<Status> {
  const ask = (...command: string[]): Promise<unknown> => link.command(command);
  const count = async (command: string, name: string): Promise<number> => Number(await ask(command, keys.named(name)));
  const [seconds] = (await ask("TIME")) as string[];
  const nowMs = Number(seconds) * 1_000;
  const [inbox, high, normal, low, running, done, dead] = await Promise.all([
    count("XLEN", "inbox"),
    ...["high", "normal", "low", "leases", "done", "dead"].map((name) => count("ZCARD", name)),
  ]) as [number, number, number, number, number, number, number];
  const [scheduledSoon, totals, pacer, config] = await Promise.all([
    ask("ZCOUNT", keys.named("scheduled"), "-inf", String(nowMs + HOUR_MS)),
    ask("HMGET", keys.named("totals"), "done", "dead"),
    ask("HMGET", keys.named("pacer"), "paused_by", "paused_until_ms", "breaker"),
    ask("GET", keys.named("config")),
  ]);
  return figures({
    ...{ nowMs, inbox, high, normal, low, running, done, dead },
    scheduledSoon: Number(scheduledSoon),
    totals: totals as (string | null)[],
    pacer: pacer as (string | null)[],
    config: config as string | null,
  });
}

export function figures(seen: Seen): Status {
  const ready = seen.inbox + seen.high + seen.normal + seen.low;
  const [pausedBy, pausedUntil, breaker] = seen.pacer;
  const isHeld = Boolean(pausedBy) || Boolean(breaker);
  return {
    pending: ready + seen.scheduledSoon,
    processing: seen.running,
    completed: seen.done,
    failed: seen.dead,
    total_processed: Number(seen.totals[0] ?? 0),
    total_failed: Number(seen.totals[1] ?? 0),
    is_processing: seen.running > 0 || (ready > 0 && !isHeld),
    estimated_wait_time: breaker || (pausedBy && !pausedUntil) ? null : estimate(seen, Number(pausedUntil || 0)),
  };
}

/** What must pass first: a pause, and one request for each job ahead within every limit. Failures are not foreseen. */
function estimate(seen: Seen, pausedUntilMs: number): number | null {
  const limits = limitsOf(seen.config);
  const [first] = limits;
  if (!first) return null;
  const ahead = seen.inbox + seen.high + seen.normal;
  const interval = first.windowS / first.requests;
  const within = limits.map(({ requests, windowS }) => Math.floor(ahead / requests) * windowS + (ahead % requests) * interval);
  const pauseS = Math.max(0, pausedUntilMs - seen.nowMs) / 1_000;
  return Math.ceil(pauseS + Math.max(ahead * interval, ...within));
}

function limitsOf(config: string | null): { requests: number; windowS: number }[] {
  if (config === null) return [];
  // Requests and window in microseconds: `2:1000000,60:60000000`.
  const { limits } = JSON.parse(config) as { limits?: string };
  const found = [...String(limits ?? "").matchAll(/(\d+):(\d+)/g)];
  return found.map(([, requests, windowUs]) => ({ requests: Number(requests), windowS: Number(windowUs) / 1_000_000 }));
}
