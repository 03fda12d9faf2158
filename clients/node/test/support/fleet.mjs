// What the tests run against: a redis-server, a simulated Xendit and a worker, each a real process of the test's own.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ANTRE, eventually, run, start } from "./processes.mjs";

export class Fleet {
  /** Starts everything; the account `default` is served when this returns. */
  static async start({ requestTimeout = "2s", tcp = false } = {}) {
    const fleet = new Fleet();
    fleet.requestTimeout = requestTimeout;
    fleet.directory = await mkdtemp(join(tmpdir(), "antre-node-"));
    fleet.socket = join(fleet.directory, "redis.sock");
    fleet.port = tcp ? await freePort() : 0;
    await fleet.startRedis();
    await fleet.startXendit();
    await fleet.startWorker();
    return fleet;
  }

  async startRedis() {
    const settings = ["--port", String(this.port), "--bind", "127.0.0.1", "--unixsocket", this.socket, "--dir", this.directory];
    this.redis = start("redis-server", [...settings, "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
    await eventually("redis-server answers", () => this.redis.output().includes("ready to accept"));
  }

  get redisUrl() {
    return `redis://127.0.0.1:${this.port}`;
  }

  async startXendit() {
    this.xendit = start(ANTRE, ["xendit-sim", "--listen", "127.0.0.1:0", "--limit", "none"]);
    const address = await eventually("the simulator listens", () => /http:\/\/[\d.]+:\d+/.exec(this.xendit.output()));
    this.url = address[0];
  }

  async startWorker() {
    this.worker = start(ANTRE, ["worker"], { env: this.environment(), cwd: this.directory });
    await eventually("the account is served", async () => (await this.redisCli("EXISTS", "antre:{default}:config")) === "1");
  }

  environment() {
    return {
      PATH: process.env.PATH,
      ANTRE_REDIS_URL: `redis+unix://${this.socket}`,
      XENDIT_SECRET_KEY: "xnd_development_antre_node",
      XENDIT_BASE_URL: this.url,
      ANTRE_LIMITS: "100/1s",
      ANTRE_CONCURRENCY: "10",
      ANTRE_REQUEST_TIMEOUT: this.requestTimeout,
      ANTRE_CONNECT_TIMEOUT: "1s",
      // After a restart of Redis a job begins with a look-up: how long one that finds nothing is not believed.
      ANTRE_TRUST_ABSENCE_ANSWERED: "200ms",
      ANTRE_TRUST_ABSENCE_UNANSWERED: "500ms",
      ANTRE_HTTP_LISTEN: "off",
    };
  }

  /** Runs the antre command. */
  antre(...args) {
    return run(ANTRE, args, { env: this.environment(), cwd: this.directory });
  }

  async redisCli(...args) {
    return (await run("redis-cli", ["-s", this.socket, ...args])).trimEnd();
  }

  enqueue(invoice) {
    return this.redisCli("XADD", "antre:{default}:inbox", "NOMKSTREAM", "*", "job", JSON.stringify({ invoice }));
  }

  pause() {
    return this.antre("pause", "--reason", "a test");
  }

  resume() {
    return this.antre("resume");
  }

  /** Asks the simulator's control routes, or with a body tells them. */
  async sim(path, body) {
    const request = body === undefined ? {} : { method: "PUT", body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/_sim/${path}`, request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`_sim/${path}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Returns the invoices at Xendit that have this external id. */
  async invoices(externalId) {
    return this.sim(`invoices?external_id=${encodeURIComponent(externalId)}`);
  }

  async stop() {
    for (const process of [this.worker, this.xendit, this.redis]) await process?.end();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
