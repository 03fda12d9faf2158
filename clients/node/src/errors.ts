// Why an invoice has no link. Whatever else goes wrong is an error of the program that calls.
import type { Job, Result } from "./result.js";

/** No worker has ever been started for this account, so its name is probably mistyped. Nothing was stored. */
export class NotServed extends Error {
  override readonly name = "NotServed";

  constructor(readonly account: string) {
    super(`no worker has ever been started for the account ${account}: correct the name, or start "antre worker" for it`);
  }
}

/** The job ended without an invoice: Xendit refused it, it is no right job, or it was cancelled. */
export class InvoiceRejected extends Error {
  override readonly name = "InvoiceRejected";
  /** Antre's code (`conflict`, `invalid`, …), Xendit's own in capitals, or `cancelled`. */
  readonly code: string;
  /** The HTTP status of Xendit's answer; null if no answer is the reason. */
  readonly status: number | null;

  constructor(
    readonly job: Job,
    /** The whole result, with Xendit's body in `response`. */
    readonly result: Result,
  ) {
    const code = result.error?.code ?? result.state;
    super(result.error?.message ?? `job ${job.id} was cancelled`);
    this.code = code;
    this.status = result.error?.status ?? null;
  }

  /** The same as `code`, as xendit-node calls it. */
  get errorCode(): string {
    return this.code;
  }

  /** The same as `message`, as xendit-node calls it. */
  get errorMessage(): string {
    return this.message;
  }
}

/** The invoice is not made yet, but the job is safe: it goes on, and `result(job)` or `ended` has its link later. */
export class InvoiceStillQueued extends Error {
  override readonly name = "InvoiceStillQueued";
  readonly account: string;

  constructor(readonly job: Job) {
    super(`job ${job.id} of the account ${job.account} is still queued: ask for its result later, do not bill anew`);
    this.account = job.account;
  }
}

/** What Redis did with the command that failed. */
export interface UnavailableDetails {
  /** True: the command may have reached Redis. Sending the same bill again is harmless. */
  readonly mayHaveArrived: boolean;
  /** Of `enqueueMany`: the jobs that certainly arrived, at the places of their bills. */
  readonly jobs?: readonly (Job | undefined)[];
  readonly cause?: unknown;
}

/** Redis did not answer in time, or refused the command. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly mayHaveArrived: boolean;
  readonly jobs: readonly (Job | undefined)[];

  constructor(message: string, { mayHaveArrived, jobs = [], cause }: UnavailableDetails) {
    super(message, { cause });
    this.mayHaveArrived = mayHaveArrived;
    this.jobs = jobs;
  }
}
