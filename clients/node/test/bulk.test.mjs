// Ten thousand bills at once, and the functions of a limiter in the process.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Antre,
  InvoicePriority,
  Unavailable,
  createBulkInvoicesWithRateLimit,
  createInvoiceWithRateLimit,
  rateLimiter,
} from "antre";
import { orderOf } from "../dist/esm/result.js";
import { CLIENTS } from "./support/clients.mjs";
import { Fleet } from "./support/fleet.mjs";

const MANY = 10_000;

let fleet;
before(async () => (fleet = await Fleet.start()));
after(() => fleet.stop());

for (const name of ["redis 6", "ioredis 6"]) {
  test(`${MANY} bills have ids in their order, with ${name}`, async (context) => {
    await fleet.pause();
    const connection = await CLIENTS[name](fleet.socket);
    const antre = new Antre({ redis: connection.client });
    const jobs = Array.from({ length: MANY }, (_, index) => ({
      invoice: { external_id: `${name}-${index}`, amount: 350000, description: "Internet 50 Mbps" },
      reference: String(index),
    }));
    const since = performance.now();
    const sent = await antre.enqueueMany(jobs);
    context.diagnostic(`${MANY} bills in ${Math.round(performance.now() - since)} ms with ${name}`);
    const orders = sent.map(({ id }) => orderOf(id));
    assert.equal(new Set(orders).size, MANY);
    assert.deepEqual([...orders].sort(), orders);
    await connection.close();
  });
}

for (const name of ["redis 6", "ioredis 6"]) {
  test(`a Redis that is full in the middle of a bulk: what arrived is named, with ${name}`, async () => {
    const other = await Fleet.start();
    const connection = await CLIENTS[name](other.socket);
    try {
      // An account without a worker, so that nobody takes jobs out of its inbox.
      await other.redisCli("XADD", "antre:{full}:inbox", "*", "job", "{}");
      const [used] = /(?<=used_memory:)\d+/.exec(await other.redisCli("INFO", "memory"));
      await other.redisCli("CONFIG", "SET", "maxmemory", String(Number(used) + 2_000_000));
      const antre = new Antre({ redis: connection.client, account: "full" });
      const jobs = Array.from({ length: MANY }, (_, index) => ({
        invoice: { external_id: `F-${index}`, amount: 1, description: "x".repeat(500) },
      }));
      const error = await antre.enqueueMany(jobs).catch((error) => error);
      assert.ok(error instanceof Unavailable, String(error));
      assert.match(error.message, /OOM/);
      const arrived = error.jobs.filter((job) => job !== undefined);
      assert.ok(arrived.length > 0 && arrived.length < MANY, `${arrived.length} arrived`);
      assert.equal(Number(await other.redisCli("XLEN", "antre:{full}:inbox")), arrived.length + 1);
      const place = error.jobs.findIndex((job) => job !== undefined);
      const [first] = (await other.redisCli("XRANGE", "antre:{full}:inbox", error.jobs[place].id, error.jobs[place].id)).match(/F-\d+/);
      assert.equal(first, `F-${place}`);
    } finally {
      await connection.close();
      await other.stop();
    }
  });
}

test("the functions of a limiter in the process", async () => {
  const other = await Fleet.start();
  const connection = await CLIENTS["redis 6"](other.socket);
  try {
    rateLimiter.use(new Antre({ redis: connection.client }));
    const one = await createInvoiceWithRateLimit({ external_id: "RL-1", amount: 350000 }, InvoicePriority.HIGH);
    assert.equal((await other.invoices("RL-1"))[0].invoice_url, one.invoice_url);
    await assert.rejects(createInvoiceWithRateLimit({ external_id: "RL-1", amount: 1 }), { name: "InvoiceRejected" });

    await other.pause();
    const bulk = await createBulkInvoicesWithRateLimit([
      { external_id: "RL-2", amount: 1000 },
      { invoice: { external_id: "RL-3", amount: 2000 }, priority: InvoicePriority.LOW, reference: "3" },
    ]);
    assert.equal(bulk.message, "Added 2 invoices to processing queue");
    assert.deepEqual([bulk.success, bulk.queue_status.pending, bulk.jobs.length], [true, 2, 2]);
    await other.resume();
    const antre = new Antre({ redis: connection.client });
    const results = await Promise.all(bulk.jobs.map((job) => antre.result(job, 30_000)));
    assert.deepEqual(results.map(({ reference, amount }) => [reference, amount]), [[null, 1000], ["3", 2000]]);
    const progress = await other.redisCli("HMGET", `antre:{default}:batch:${bulk.batch}`, "total", "done");
    assert.equal(progress, "2\n2");
    assert.equal((await rateLimiter.getQueueStatus()).total_processed, 3);
  } finally {
    await connection.close();
    await other.stop();
  }
});
