// Cancelling and retrying: entries of the inbox with another field than `job`, each answered with counts.

/** Whose jobs are meant: one job, all jobs of a bill, or a batch. */
export type Target = { job: string } | { externalId: string } | { batch: string };

export interface OrderOptions {
  reason?: string;
  /** Who asks; a name for the records. */
  by?: string;
  /** How long to wait for the answer. */
  waitMs?: number;
}

export interface CancelOptions extends OrderOptions {
  /** True: afterwards no open invoice of these bills exists. Invoices that can still be paid are expired. */
  expire?: boolean;
}

export interface CancelCounts {
  cancelled: number;
  /** Looked up first: it is not known yet whether there is an invoice. */
  resolving: number;
  /** Done jobs whose invoice is expired now. */
  expired: number;
  /** They may have been sent. */
  too_late: number;
  paid: number;
  not_found: number;
}

export interface RetryCounts {
  retried: number;
  /** They would fail in the same way: correct the job and enqueue it again. */
  not_retryable: number;
  not_found: number;
}

const CANCEL = ["cancelled", "resolving", "expired", "too_late", "paid", "not_found"] as const;
const RETRY = ["retried", "not_retryable", "not_found"] as const;

/** Returns the text of a `cancel` or `retry` entry. */
export function orderText(target: Target | "all", { reason, by, expire }: CancelOptions): string {
  return JSON.stringify({ ...whose(target), reason, by, ...(expire ? { expire: true } : {}) });
}

function whose(target: Target | "all"): object {
  if (target === "all") return { all_dead: true };
  if ("job" in target) return { job: target.job };
  return "externalId" in target ? { external_id: target.externalId } : { batch: target.batch };
}

export function readCancelled(text: string): CancelCounts {
  return counts(text, CANCEL);
}

export function readRetried(text: string): RetryCounts {
  return counts(text, RETRY);
}

function counts<Name extends string>(text: string, names: readonly Name[]): Record<Name, number> {
  const fields = JSON.parse(text) as Record<string, unknown>;
  if ("state" in fields) {
    // An older worker takes the entry for a job that is none.
    throw new Error("this worker does not know cancel and retry over Redis: update it, or use the antre command");
  }
  const error = fields.error as { message?: string } | null | undefined;
  if (error) throw new Error(`Antre did not take it: ${error.message ?? "no reason is given"}`);
  return Object.fromEntries(names.map((name) => [name, Number(fields[name] ?? 0)])) as Record<Name, number>;
}
