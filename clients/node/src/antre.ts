// Antre's queue as a program uses it: jobs in, links out.
import type { RedisClient } from "./clients.js";
import { ended, type End, type EndedOptions } from "./ended.js";
import { InvoiceRejected, InvoiceStillQueued, NotServed, Unavailable } from "./errors.js";
import { jobText, type InvoiceBody, type JobOptions } from "./job.js";
import { Keys } from "./keys.js";
import { isRefusal, Link } from "./link.js";
import * as orders from "./orders.js";
import { readResult, remembered, type Job, type Result, type XenditInvoice } from "./result.js";
import { readStatus, type Status } from "./status.js";
import { pause, Waits } from "./waits.js";

export interface AntreOptions {
  /** A connected client of the package redis (4 or newer) or ioredis (5 or newer). Waits use duplicates of it. */
  redis: RedisClient;
  /** The account at Xendit; default "default". */
  account?: string;
  /** How long `create` waits for the invoice; default 45 s. */
  waitMs?: number;
}

export interface CreateOptions extends JobOptions {
  waitMs?: number;
}

/** One bill of many. */
export interface NewJob extends JobOptions {
  invoice: InvoiceBody;
}

const WAIT_MS = 45_000;
const CHUNK = 500;
const LOOK_AGAIN_MS = 500;
const ID = /^\d+-\d+$/;

export class Antre {
  readonly account: string;
  private readonly keys: Keys;
  private readonly link: Link;
  private readonly waits: Waits;
  private readonly waitMs: number;

  constructor({ redis, account = "default", waitMs = WAIT_MS }: AntreOptions) {
    this.keys = new Keys(account);
    this.account = account;
    this.link = Link.to(redis);
    this.waits = new Waits(this.link);
    this.waitMs = waitMs;
  }

  /**
   * Puts a bill into the queue and returns its job. Once it returns, the job is safe.
   *
   * Save the bill with its `external_id` and commit, then enqueue: never inside a transaction. To repeat it is harmless.
   */
  async enqueue(invoice: InvoiceBody, options?: JobOptions): Promise<Job> {
    return this.submit("job", jobText(invoice, options));
  }

  /** Puts many bills into the queue, many at a time. `Unavailable.jobs` names those that certainly arrived. */
  async enqueueMany(jobs: Iterable<NewJob>): Promise<Job[]> {
    // All texts first: a bill that cannot be written must not stop the others half way.
    const texts = Array.from(jobs, ({ invoice, ...options }) => jobText(invoice, options));
    const sent: (Job | undefined)[] = [];
    for (let start = 0; start < texts.length; start += CHUNK) {
      const chunk = texts.slice(start, start + CHUNK).map((text) => this.submit("job", text));
      const answers = await Promise.allSettled(chunk);
      sent.push(...answers.map((answer) => (answer.status === "fulfilled" ? answer.value : undefined)));
      const failed = answers.find((answer) => answer.status === "rejected");
      if (failed) throw interrupted(failed.reason, sent);
    }
    return sent as Job[];
  }

  /** Puts a bill into the queue and waits for Xendit's answer, which it returns. */
  async create(invoice: InvoiceBody, options: CreateOptions = {}): Promise<XenditInvoice> {
    const { waitMs = this.waitMs, ...rest } = options;
    const job = await this.enqueue(invoice, rest);
    const result = await this.resultOf(job, waitMs);
    if (result === null) throw new InvoiceStillQueued(job);
    if (result.state !== "done") throw new InvoiceRejected(job, result);
    return this.answerIn(result);
  }

  /** Returns how a job ended, or null if it has not ended within that time; without `waitMs` it does not wait. */
  async result(job: Job | string, waitMs = 0): Promise<Result | null> {
    const list = this.keys.result(typeof job === "string" ? job : job.id);
    const text = waitMs > 0 ? await this.waits.first(list, waitMs) : await this.link.command(["LINDEX", list, "0"]);
    return typeof text === "string" ? readResult(text) : null;
  }

  /** Returns the eight figures that `GET /rate-limiter/status` has. */
  async status(): Promise<Status> {
    return readStatus(this.link, this.keys);
  }

  /** Yields every end of a job, for ever: write the link, commit, then `await end.ack()`. */
  ended(options: EndedOptions): AsyncGenerator<End, void, undefined> {
    return ended(this.link, this.keys, options);
  }

  /** Cancels what has certainly not been sent; with `expire`, no open invoice of these bills is left. */
  async cancel(target: orders.Target, options: orders.CancelOptions = {}): Promise<orders.CancelCounts> {
    const order = await this.submit("cancel", orders.orderText(target, options));
    return this.counted(order, options.waitMs, orders.readCancelled, ({ resolving }) => resolving === 0);
  }

  /** Gives dead jobs another try; `"all"` means every dead job that is kept. */
  async retryDead(target: orders.Target | "all", options: orders.OrderOptions = {}): Promise<orders.RetryCounts> {
    const order = await this.submit("retry", orders.orderText(target, options));
    return this.counted(order, options.waitMs, orders.readRetried, () => true);
  }

  /** The answer is written anew while jobs are resolved: looks again until that is done or the time is over. */
  private async counted<Counts>(
    order: Job,
    waitMs = this.waitMs,
    read: (text: string) => Counts,
    isDone: (counts: Counts) => boolean,
  ): Promise<Counts> {
    const until = Date.now() + waitMs;
    const list = this.keys.result(order.id);
    let text = await this.waits.first(list, waitMs);
    while (text !== null && !isDone(read(text)) && Date.now() < until) {
      await pause(LOOK_AGAIN_MS);
      text = (await this.link.command(["LINDEX", list, "0"])) as string | null;
    }
    if (text === null) throw new InvoiceStillQueued(order);
    return read(text);
  }

  private async submit(field: "job" | "cancel" | "retry", text: string): Promise<Job> {
    const command = ["XADD", this.keys.inbox, "NOMKSTREAM", "*", field, text];
    const id = await this.link.command(command).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      const message = `Redis refused the job: ${error.message}`;
      throw new Unavailable(message, { mayHaveArrived: false, cause: error });
    });
    if (id === null) throw new NotServed(this.account);
    // Whatever else comes back, it must not be stored as the id of a bill's job.
    if (typeof id !== "string" || !ID.test(id)) {
      throw new Unavailable(`Redis answered with something that is no job id: ${String(id)}`, { mayHaveArrived: true });
    }
    return { id, account: this.account };
  }

  /** The job is in Redis already: a Redis that is away in the end does not change that. */
  private async resultOf(job: Job, waitMs: number): Promise<Result | null> {
    try {
      return await this.result(job, waitMs);
    } catch (error) {
      if (error instanceof Unavailable) throw new InvoiceStillQueued(job);
      throw error;
    }
  }

  private async answerIn(result: Result): Promise<XenditInvoice> {
    if (result.response) return result.response as XenditInvoice;
    // A duplicate keeps no copy of Xendit's answer: the first job has it, for as long as its record is kept.
    const first = result.duplicate_of ? await this.result(result.duplicate_of) : null;
    const isSame = first?.response && first.invoice_id === result.invoice_id;
    return isSame ? (first.response as XenditInvoice) : remembered(result);
  }
}

function interrupted(reason: unknown, jobs: readonly (Job | undefined)[]): unknown {
  if (!(reason instanceof Unavailable)) return reason;
  const arrived = jobs.filter((job) => job !== undefined).length;
  const message = `${reason.message}; ${arrived} jobs arrived for certain, and to repeat all of them is harmless`;
  return new Unavailable(message, { mayHaveArrived: reason.mayHaveArrived, jobs, cause: reason.cause });
}
