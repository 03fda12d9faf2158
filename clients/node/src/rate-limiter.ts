// The functions of a rate limiter in the process, on Antre: the same calls, and bills that survive the process.
import { randomUUID } from "node:crypto";
import type { Antre, CreateOptions, NewJob } from "./antre.js";
import type { InvoiceBody, InvoicePriority, JobOptions } from "./job.js";
import type { Job, XenditInvoice } from "./result.js";
import type { Status } from "./status.js";

/** What a bulk or a retry started. */
export interface Queued {
  success: true;
  message: string;
  queue_status: Status;
}

export interface BulkQueued extends Queued {
  /** In the order of the invoices. */
  jobs: Job[];
  /** The name under which Redis counts their progress. */
  batch: string;
}

let chosen: Antre | undefined;

function antre(): Antre {
  if (!chosen) throw new Error("call rateLimiter.use(new Antre({ redis })) once, when the program starts");
  return chosen;
}

/** Returns Xendit's answer. Throws where a limiter in the process returned `{ success: false }`. */
export async function createInvoiceWithRateLimit(
  invoice: InvoiceBody,
  options: InvoicePriority | CreateOptions = {},
): Promise<XenditInvoice> {
  return antre().create(invoice, typeof options === "string" ? { priority: options } : options);
}

/** Puts all invoices into the queue and returns at once. An item is an invoice, or `{ invoice, priority, … }`. */
export async function createBulkInvoicesWithRateLimit(
  invoices: Iterable<InvoiceBody | NewJob>,
  options: InvoicePriority | JobOptions = {},
): Promise<BulkQueued> {
  const common = typeof options === "string" ? { priority: options } : options;
  const batch = common.batch ?? `bulk-${randomUUID()}`;
  const jobs = await antre().enqueueMany(Array.from(invoices, (item) => ({ ...common, batch, ...asJob(item) })));
  const message = `Added ${jobs.length} invoices to processing queue`;
  return { success: true, message, queue_status: await antre().status(), jobs, batch };
}

function asJob(item: InvoiceBody | NewJob): NewJob {
  const isJob = typeof item.invoice === "object" && item.invoice !== null && !("external_id" in item);
  return isJob ? (item as NewJob) : { invoice: item as InvoiceBody };
}

export const rateLimiter = {
  /** Names the queue that all functions here use. */
  use(queue: Antre): void {
    chosen = queue;
  },
  createInvoiceWithRateLimit,
  createBulkInvoicesWithRateLimit,
  getQueueStatus(): Promise<Status> {
    return antre().status();
  },
  /** Gives every dead job that can turn out differently another try. */
  async retryFailedInvoices(): Promise<Queued> {
    const { retried } = await antre().retryDead("all");
    const message = `Retrying ${retried} failed invoices`;
    return { success: true, message, queue_status: await antre().status() };
  },
};
