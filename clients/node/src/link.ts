// One connection to Redis: raw commands, each answered in time or `Unavailable`.
import type { IoRedisClient, NodeRedisClient, RedisClient } from "./clients.js";
import { Unavailable } from "./errors.js";

/** How long Redis may take to be there and to answer. */
const ANSWER_MS = 2_500;

/** An error that Redis itself answered begins with a word in capitals: `NOPERM …`, `OOM …`. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^[A-Z]{2,} /.test(error.message);
}

export abstract class Link {
  /** Tells the clients apart: ioredis has `call`. */
  static to(client: RedisClient): Link {
    if ("call" in client && typeof client.call === "function") return new IoRedisLink(client as IoRedisClient);
    if ("sendCommand" in client) return new NodeRedisLink(client as NodeRedisClient);
    throw new TypeError("redis must be a client of the package redis (4 or newer) or ioredis (5 or newer)");
  }

  /** Opens a connection of its own to the same server. It does not reconnect: once broken, it is thrown away. */
  abstract fork(): Promise<Link>;

  /** Closes the connection at once, whatever it still waits for. */
  abstract close(): void;

  private comingReady: Promise<void> | null = null;

  /** Opens a client that waits for its first command. */
  protected wake(): void {}

  protected abstract readonly isReady: boolean;
  protected abstract readonly isClosed: boolean;
  protected abstract readonly events: Pick<RedisClient, "on" | "off">;
  protected abstract send(command: string[]): Promise<unknown>;

  /**
   * Returns the answer to one command; an error that Redis answers is thrown as the client throws it.
   *
   * A client that is not connected gets no command: it would keep it and send it at any time later.
   */
  async command(command: string[], limitMs = ANSWER_MS): Promise<unknown> {
    const until = Date.now() + limitMs;
    await this.ready(Math.min(limitMs, ANSWER_MS));
    try {
      return await within(until - Date.now(), this.send(command));
    } catch (error) {
      if (isRefusal(error)) throw error;
      throw unavailable(error, true);
    }
  }

  private async ready(limitMs: number): Promise<void> {
    if (this.isReady) return;
    this.wake();
    if (this.isClosed) throw unavailable(new Error("the Redis client is closed: connect it first"), false);
    try {
      await within(limitMs, this.nextReady());
    } catch (error) {
      throw unavailable(error, false);
    }
  }

  /** One listener for all that wait: many more would be reported as a leak. */
  private nextReady(): Promise<void> {
    this.comingReady ??= new Promise<void>((resolve) => {
      const isReady = (): void => {
        this.events.off("ready", isReady);
        this.comingReady = null;
        resolve();
      };
      this.events.on("ready", isReady);
    });
    return this.comingReady;
  }
}

class NodeRedisLink extends Link {
  private isReconnecting = false;

  constructor(private readonly client: NodeRedisClient) {
    super();
    // The first versions 4 have no isReady.
    if (client.isReady === undefined) {
      client.on("reconnecting", () => (this.isReconnecting = true));
      client.on("ready", () => (this.isReconnecting = false));
    }
    const { legacyMode } = (client as { options?: { legacyMode?: boolean } }).options ?? {};
    if (legacyMode) throw new TypeError("redis must be a client without legacyMode");
    if ("masters" in client) throw new TypeError("redis must be a client of one server: createCluster is not supported");
  }

  protected get isReady(): boolean {
    return this.client.isReady ?? (this.client.isOpen && !this.isReconnecting);
  }

  protected get isClosed(): boolean {
    return !this.client.isOpen;
  }

  protected get events(): NodeRedisClient {
    return this.client;
  }

  protected send(command: string[]): Promise<unknown> {
    return this.client.sendCommand(command);
  }

  async fork(): Promise<Link> {
    const { socket } = (this.client as { options?: { socket?: object } }).options ?? {};
    const client = this.client.duplicate({
      // No time-out of the client's may end a wait, and what breaks stays broken.
      socket: { ...socket, socketTimeout: undefined, reconnectStrategy: () => new Error("the connection is lost") },
      commandOptions: undefined,
    });
    return opened(new NodeRedisLink(client), client, client.connect());
  }

  close(): void {
    const client = this.client as { destroy?: () => void; disconnect?: () => Promise<void> };
    // Version 4 has no destroy, and its disconnect rejects what was closed before.
    if (client.destroy) quietly(() => client.destroy?.());
    else client.disconnect?.().catch(() => undefined);
  }
}

class IoRedisLink extends Link {
  constructor(private readonly client: IoRedisClient) {
    super();
    const { isCluster, options } = client as { isCluster?: boolean; options?: { keyPrefix?: string } };
    if (isCluster) throw new TypeError("redis must be a client of one server: Redis.Cluster is not supported");
    if (options?.keyPrefix) {
      throw new TypeError("redis must be a client without keyPrefix: nobody reads what stands under a prefix");
    }
  }

  protected get isReady(): boolean {
    return this.client.status === "ready";
  }

  protected override wake(): void {
    // With lazyConnect. What goes wrong is told by the event that does not come.
    if (this.client.status === "wait") (this.client as unknown as Connecting).connect().catch(() => undefined);
  }

  protected get isClosed(): boolean {
    return this.client.status === "end";
  }

  protected get events(): IoRedisClient {
    return this.client;
  }

  protected send([name = "", ...rest]: string[]): Promise<unknown> {
    return this.client.call(name, ...rest);
  }

  async fork(): Promise<Link> {
    const client = this.client.duplicate({
      // No time-out of the client's may end a wait, and what breaks stays broken.
      commandTimeout: undefined,
      blockingTimeout: undefined,
      socketTimeout: undefined,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: false,
      lazyConnect: true,
    });
    return opened(new IoRedisLink(client), client, client.connect());
  }

  close(): void {
    (this.client as unknown as { disconnect(): void }).disconnect();
  }
}

interface Connecting {
  connect(): Promise<unknown>;
}

async function opened(link: Link, client: Pick<RedisClient, "on">, connecting: Promise<unknown>): Promise<Link> {
  // Without a listener a lost connection would end the whole process. Who waits on it is told by its command.
  client.on("error", () => undefined);
  try {
    await within(ANSWER_MS, connecting);
    return link;
  } catch (error) {
    link.close();
    throw unavailable(error, false);
  }
}

function unavailable(cause: unknown, mayHaveArrived: boolean): Unavailable {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = mayHaveArrived ? "the command may have arrived; repeat it" : "nothing was sent; try again later";
  return new Unavailable(`Redis did not answer: ${reason} (${advice})`, { mayHaveArrived, cause });
}

/** Returns what comes in time. What comes later is ignored. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // It was closed before.
  }
}
