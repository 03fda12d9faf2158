// What Redis says about jobs, read. Fields that are missing are null; unknown ones are ignored. Nothing here talks to Redis.

/** A job that is in the inbox. */
export interface Job {
  /** Unique within the account; ids grow in the order of submission. */
  readonly id: string;
  readonly account: string;
}

export type JobState = "done" | "dead" | "cancelled";

export interface ResultError {
  readonly code: string;
  readonly message: string;
  /** The HTTP status of Xendit's answer; null if no answer is the reason. */
  readonly status: number | null;
}

export interface Warning {
  readonly code: string;
  /** A path in the job, or null. */
  readonly field: string | null;
  readonly message: string;
}

/** Xendit's answer to a create, unchanged. */
export interface XenditInvoice {
  id: string;
  external_id: string;
  amount: number;
  invoice_url: string;
  expiry_date: string;
  status?: string;
  currency?: string;
  [field: string]: unknown;
}

/** What a job's end and its result have in common. */
export interface Outcome {
  readonly job: string;
  readonly state: JobState;
  readonly external_id: string | null;
  readonly reference: string | null;
  readonly amount: number | null;
  /** The bill's; null for rupiah. */
  readonly currency: string | null;
  readonly invoice_id: string | null;
  /** The payment link. */
  readonly invoice_url: string | null;
  readonly expiry_date: string | null;
  readonly error: ResultError | null;
  readonly attempts: number;
  readonly warnings: readonly Warning[];
  /** The first job, whose invoice this is, if this one is a duplicate. */
  readonly duplicate_of: string | null;
  /** The job that the bill belonged to when this one ended. */
  readonly bill_job: string | null;
  /** True: this is what the bill has now. False: leave the bill's link alone. */
  readonly is_bill_result: boolean;
}

/** How a job ended. */
export interface Result extends Outcome {
  /** Xendit's answer, also that of a refusal. Null for a duplicate. */
  readonly response: Record<string, unknown> | null;
}

type Fields = Record<string, unknown>;

/** Reads the text of a result. */
export function readResult(text: string): Result {
  const fields = JSON.parse(text) as Fields;
  const response = isObject(fields.response) ? fields.response : null;
  return { ...outcome(fields, (value) => value), response };
}

/** Reads the fields of an entry of `ended`: texts only, empty where the result has null. */
export function readOutcome(fields: Record<string, string>): Outcome {
  return outcome(fields, (value) => (typeof value === "string" ? parsed(value) : null));
}

/** Returns the entry's id as a text that sorts like the entries: a database can compare it. */
export function orderOf(entry: string): string {
  const [milliseconds = "", number = ""] = entry.split("-");
  return `${milliseconds.padStart(15, "0")}-${number.padStart(10, "0")}`;
}

/** Returns what is known of a job's invoice where Xendit's own answer is gone. */
export function remembered(result: Result): XenditInvoice {
  return {
    id: result.invoice_id ?? "",
    external_id: result.external_id ?? "",
    amount: result.amount ?? 0,
    currency: result.currency ?? "IDR",
    invoice_url: result.invoice_url ?? "",
    expiry_date: result.expiry_date ?? "",
  };
}

function outcome(fields: Fields, json: (value: unknown) => unknown): Outcome {
  const text = (name: string) => (typeof fields[name] === "string" && fields[name] !== "" ? fields[name] : null);
  const number = (name: string) => numberOf(fields[name]);
  return {
    job: text("job") ?? "",
    state: (text("state") ?? "dead") as JobState,
    external_id: text("external_id"),
    reference: text("reference"),
    amount: number("amount"),
    currency: text("currency"),
    invoice_id: text("invoice_id"),
    invoice_url: text("invoice_url"),
    expiry_date: text("expiry_date"),
    error: errorOf(json(fields.error)),
    attempts: number("attempts") ?? 0,
    warnings: warningsOf(json(fields.warnings)),
    duplicate_of: text("duplicate_of"),
    bill_job: text("bill_job"),
    is_bill_result: fields.is_bill_result === true || fields.is_bill_result === "1",
  };
}

function errorOf(value: unknown): ResultError | null {
  if (!isObject(value)) return null;
  return { code: String(value.code), message: String(value.message), status: numberOf(value.status) };
}

function warningsOf(value: unknown): Warning[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map(({ code, field, message }) => ({
    code: String(code),
    field: typeof field === "string" ? field : null,
    message: String(message),
  }));
}

function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
