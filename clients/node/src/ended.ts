// Every end of a job, for writing links back: the stream `ended`, read with a consumer group.
import { Unavailable } from "./errors.js";
import type { Keys } from "./keys.js";
import { isRefusal, type Link } from "./link.js";
import { orderOf, readOutcome, type Outcome } from "./result.js";
import { pause } from "./waits.js";

/** The end of one job. */
export interface End extends Outcome {
  /** The entry's id in `ended`. */
  readonly entry: string;
  /** The same as a text that sorts like the entries: keep it with the bill, and leave out entries that are older. */
  readonly order: string;
  /** Call it once the link is written and committed. Without it the entry comes again. */
  ack(): Promise<void>;
}

export interface EndedOptions {
  /** The name of what you do with the entries, such as "billing". Each group gets every entry. */
  group: string;
  /** The name of this process within the group. Two processes with one name get the same entries. */
  consumer: string;
  /** Ends the loop, within a second. */
  signal?: AbortSignal;
}

const BATCH = "100";
const BLOCK_MS = 1_000;
const GRACE_MS = 2_000;
/** An entry that nobody acknowledged for so long is taken over, from a process that is gone or a write that failed. */
const TAKEOVER_MS = 60_000;
/** Between attempts while Redis is away. */
const PAUSE_MS = 1_000;

type Entry = readonly [id: string, fields: Record<string, string> | null];

/** Yields the ends of jobs for as long as the caller goes on; while Redis is away, it waits for it. */
export async function* ended(main: Link, keys: Keys, options: EndedOptions): AsyncGenerator<End, void, undefined> {
  const reader = new Reader(main, keys.ended, options);
  try {
    while (!options.signal?.aborted) {
      for (const [entry, fields] of await reader.next()) {
        if (options.signal?.aborted) return;
        const ack = async (): Promise<void> => reader.ack(entry);
        // A stream that was trimmed by hand has entries without fields: there is nothing to write.
        if (fields === null) await ack();
        else yield { ...readOutcome(fields), entry, order: orderOf(entry), ack };
      }
    }
  } finally {
    reader.close();
  }
}

/** Reads batches: first what this consumer left unfinished, then what is new, and now and then what others left. */
class Reader {
  private link: Link | null = null;
  private hasGroup = false;
  /** Where the own unfinished entries go on; null once all were read. */
  private unfinished: string | null = "0";
  private takenOverAt = 0;

  constructor(
    private readonly main: Link,
    private readonly stream: string,
    private readonly options: EndedOptions,
  ) {}

  async next(): Promise<Entry[]> {
    try {
      await this.makeGroup();
      if (this.unfinished !== null) return await this.readUnfinished(this.unfinished);
      if (Date.now() - this.takenOverAt >= TAKEOVER_MS) return await this.takeOver();
      return entriesOf(await this.read(">", BLOCK_MS + GRACE_MS));
    } catch (error) {
      this.close();
      this.link = null;
      // Redis may have handed out entries in an answer that never came.
      this.unfinished = "0";
      // Redis came back without its data.
      const isGroupGone = isRefusal(error) && error.message.startsWith("NOGROUP");
      if (isGroupGone) this.hasGroup = false;
      else if (!(error instanceof Unavailable)) throw error;
      else await pause(PAUSE_MS);
      return [];
    }
  }

  async ack(entry: string): Promise<void> {
    await this.main.command(["XACK", this.stream, this.options.group, entry]);
  }

  close(): void {
    this.link?.close();
  }

  private async makeGroup(): Promise<void> {
    if (this.hasGroup) return;
    try {
      await this.command(["XGROUP", "CREATE", this.stream, this.options.group, "0", "MKSTREAM"]);
    } catch (error) {
      if (!isRefusal(error) || !error.message.startsWith("BUSYGROUP")) throw error;
    }
    this.hasGroup = true;
  }

  private async readUnfinished(after: string): Promise<Entry[]> {
    const entries = entriesOf(await this.read(after));
    this.unfinished = entries.at(-1)?.[0] ?? null;
    return entries;
  }

  private async takeOver(): Promise<Entry[]> {
    const { group, consumer } = this.options;
    const claim = ["XAUTOCLAIM", this.stream, group, consumer, String(TAKEOVER_MS), "0", "COUNT", BATCH];
    const [, entries] = (await this.command(claim)) as [unknown, [string, unknown][]];
    // A full batch: there may be more at once.
    if (entries.length < Number(BATCH)) this.takenOverAt = Date.now();
    return entries.map(([id, fields]) => [id, fieldsOf(fields)] as const);
  }

  private read(position: string, limitMs?: number): Promise<unknown> {
    const { group, consumer } = this.options;
    const from = ["COUNT", BATCH, "BLOCK", String(BLOCK_MS), "STREAMS", this.stream, position];
    return this.command(["XREADGROUP", "GROUP", group, consumer, ...from], limitMs);
  }

  private async command(command: string[], limitMs?: number): Promise<unknown> {
    this.link ??= await this.main.fork();
    return this.link.command(command, limitMs);
  }
}

/** Reads the answer of XREADGROUP for one stream: a list of pairs, or a map with the protocol RESP3; nil if it is empty. */
function entriesOf(answer: unknown): Entry[] {
  let entries: unknown;
  if (answer instanceof Map) [entries] = answer.values();
  else if (!Array.isArray(answer)) [entries] = Object.values(answer ?? {});
  else entries = Array.isArray(answer[0]) ? answer[0][1] : answer[1];
  const list = (entries ?? []) as [string, unknown][];
  return list.map(([id, fields]) => [id, fieldsOf(fields)] as const);
}

function fieldsOf(list: unknown): Record<string, string> | null {
  if (!Array.isArray(list)) return null;
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < list.length; index += 2) fields[String(list[index])] = String(list[index + 1]);
  return fields;
}
