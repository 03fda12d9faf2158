// Waiting for results: each wait holds a connection of its own, and there are never more than a few.
import { isRefusal, type Link } from "./link.js";

/** More waits than that take turns. */
const LINKS_MAX = 16;
/** A wait gives its connection back after that, sooner if others stand in line. */
const TURN_MS = 5_000;
const SHORT_TURN_MS = 500;
/** How much longer than it was told to wait Redis may take to say that nothing came. */
const GRACE_MS = 2_000;
/** An unused connection is closed after that, so that it keeps no program alive. */
const IDLE_MS = 500;
/** Between attempts while Redis is away. */
const PAUSE_MS = 250;

interface Idle {
  readonly link: Link;
  readonly timer: NodeJS.Timeout;
}

export class Waits {
  private readonly idle: Idle[] = [];
  private readonly line: (() => void)[] = [];
  private open = 0;

  constructor(private readonly main: Link) {}

  /** Returns the text in the list once there is one, or null when the time is over. */
  async first(list: string, limitMs: number): Promise<string | null> {
    const until = Date.now() + limitMs;
    let last: unknown = null;
    for (let leftMs = limitMs; leftMs > 0; leftMs = until - Date.now()) {
      try {
        const text = await this.turn(list, leftMs);
        last = null;
        if (text !== null) return text;
      } catch (error) {
        if (isRefusal(error)) throw error;
        last = error;
        await pause(Math.min(PAUSE_MS, until - Date.now()));
      }
    }
    if (last !== null) throw last;
    // Who stood in line to the end has not looked yet.
    return (await this.main.command(["LINDEX", list, "0"])) as string | null;
  }

  private async turn(list: string, leftMs: number): Promise<string | null> {
    if (!(await this.admitted(leftMs))) return null;
    let link: Link | undefined;
    try {
      link = await this.take();
      const turnMs = Math.min(leftMs, this.line.length > 0 ? SHORT_TURN_MS : TURN_MS);
      const seconds = String(Math.max(turnMs, 10) / 1_000); // 0 would mean for ever
      const answer = await link.command(["BLMOVE", list, list, "LEFT", "LEFT", seconds], turnMs + GRACE_MS);
      this.keep(link);
      return answer as string | null;
    } catch (error) {
      // A late answer must not be taken for that of another wait: the connection is thrown away.
      link?.close();
      throw error;
    } finally {
      this.leave();
    }
  }

  /** Stands in line for a connection; false when the time is over. */
  private async admitted(leftMs: number): Promise<boolean> {
    if (this.open < LINKS_MAX) {
      this.open += 1;
      return true;
    }
    return new Promise((resolve) => {
      const next = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.line.splice(this.line.indexOf(next), 1);
        resolve(false);
      }, leftMs);
      this.line.push(next);
    });
  }

  private leave(): void {
    const next = this.line.shift();
    if (next) next();
    else this.open -= 1;
  }

  private async take(): Promise<Link> {
    const kept = this.idle.pop();
    if (!kept) return this.main.fork();
    clearTimeout(kept.timer);
    return kept.link;
  }

  private keep(link: Link): void {
    const timer = setTimeout(() => {
      this.idle.splice(this.idle.findIndex((kept) => kept.link === link), 1);
      link.close();
    }, IDLE_MS);
    this.idle.push({ link, timer });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
}
