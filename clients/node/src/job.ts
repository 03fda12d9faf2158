// The text of a job, as the inbox takes it. Nothing here talks to Redis.

/** The body of Xendit's create-invoice call, with Xendit's own field names. */
export interface InvoiceBody {
  /** The name of the bill. It never changes and is never used for another bill. */
  external_id: string;
  /** A number, or a text such as "350000.00" as a database driver writes it. */
  amount: number | bigint | string | { toJSON(): unknown };
  [field: string]: unknown;
}

export const InvoicePriority = { HIGH: "high", NORMAL: "normal", LOW: "low" } as const;
export type InvoicePriority = (typeof InvoicePriority)[keyof typeof InvoicePriority];

/** Everything about a job that is not the invoice. PROTOCOL.md explains each field. */
export interface JobOptions {
  priority?: InvoicePriority;
  /** Your own attributes of the customer; never sent. `is_vip` true means high. */
  customer?: { is_vip?: boolean; tipe?: string; type?: string; [field: string]: unknown };
  /** Not before this instant: a Date, or RFC 3339 with an offset. */
  runAt?: Date | string;
  /** Groups jobs, for progress. */
  batch?: string;
  /** Your row's id: echoed in results. */
  reference?: string;
  /** Begin with a look-up at Xendit. */
  checkFirst?: boolean;
  maxRetries?: number;
  traceparent?: string;
}

const BYTES_MAX = 262_144;

/** Returns the job's text, or throws a TypeError for a value that JSON would lose without a word. */
export function jobText(invoice: InvoiceBody, options: JobOptions = {}): string {
  const { runAt, ...rest } = options;
  const job = {
    invoice,
    priority: rest.priority,
    customer: rest.customer,
    run_at: runAt instanceof Date ? runAt.toISOString() : runAt,
    batch: rest.batch,
    reference: rest.reference,
    check_first: rest.checkFirst,
    max_retries: rest.maxRetries,
    traceparent: rest.traceparent,
  };
  const text = JSON.stringify(job, writable);
  const bytes = Buffer.byteLength(text);
  if (bytes > BYTES_MAX) throw new TypeError(`the job has ${bytes} bytes; at most ${BYTES_MAX} are taken`);
  return text;
}

function writable(name: string, value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new TypeError(`${name} is too large for a number: ${value}`);
    return number;
  }
  // JSON has no such numbers: JSON.stringify would write null, and null counts as absent.
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError(`${name} is ${value}`);
  return value;
}
