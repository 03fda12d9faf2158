// Redis away, slow, restarted: who calls learns it soon, and nobody gets the answer of another.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Antre, InvoiceStillQueued, Unavailable } from "antre";
import { CLIENTS } from "./support/clients.mjs";
import { Fleet } from "./support/fleet.mjs";
import { eventually } from "./support/processes.mjs";

/** A promise of the module: who asks a Redis that is away waits no longer. */
// The module's own time-outs end within 3 s; a machine that is busy with other tests may take longer to notice.
const AWAY_MS = 10_000;

describe("each client, with a fleet of its own", { concurrency: true }, () => {
  for (const [name, connect] of Object.entries(CLIENTS)) describe(name, { concurrency: false }, () => tests(name, connect));
});

function tests(name, connect) {
  let fleet;
  let connection;
  let antre;
  before(async () => {
    fleet = await Fleet.start();
    connection = await connect(fleet.socket);
    antre = new Antre({ redis: connection.client });
  });
  after(async () => {
    await connection.close();
    await fleet.stop();
  });

  const bill = (text) => ({ external_id: `${name}-${text}`, amount: 350000 });
  const unavailable = async (promise) => {
    const since = Date.now();
    await assert.rejects(promise, (error) => error instanceof Unavailable);
    assert.ok(Date.now() - since < AWAY_MS, `it took ${Date.now() - since} ms`);
  };

  test("a Redis that does not answer is unavailable in time, and answers are not mixed up later", async () => {
    fleet.redis.child.kill("SIGSTOP");
    await Promise.all([
      unavailable(antre.enqueue(bill("stopped"))),
      unavailable(antre.create(bill("stopped-too"))),
      unavailable(antre.enqueueMany([{ invoice: bill("stopped-many") }])),
      unavailable(antre.result("1-0")),
      unavailable(antre.status()),
    ]);
    fleet.redis.child.kill("SIGCONT");
    const answer = await antre.create(bill("afterwards"));
    assert.equal(answer.external_id, bill("afterwards").external_id);
    // What was sent may have arrived: to repeat it makes no second invoice.
    await antre.create(bill("stopped"));
    assert.equal((await fleet.invoices(bill("stopped").external_id)).length, 1);
  });

  test("a wait goes on while Redis is restarted", async () => {
    await fleet.pause();
    const job = await antre.enqueue(bill("restarted"));
    const waiting = antre.result(job, 60_000);
    await fleet.redis.end("SIGTERM");
    await fleet.startRedis();
    await fleet.resume();
    assert.equal((await waiting).state, "done");
  });

  test("a wait on a connection that hangs ends in time, and the connection is thrown away", async () => {
    await fleet.pause();
    const job = await antre.enqueue(bill("hanging"));
    const first = antre.result(job, 1_000);
    await eventually("the wait has begun", async () => (await fleet.redisCli("CLIENT", "LIST")).includes("cmd=blmove"));
    fleet.redis.child.kill("SIGSTOP");
    await assert.rejects(first, (error) => error instanceof Unavailable);
    fleet.redis.child.kill("SIGCONT");
    const other = await antre.enqueue(bill("other"));
    await fleet.resume();
    assert.equal((await antre.result(other, 30_000)).external_id, bill("other").external_id);
    assert.equal((await antre.result(job, 30_000)).external_id, bill("hanging").external_id);
  });

  test("a job that is in Redis is still queued when Redis goes away", async () => {
    await fleet.pause();
    const waiting = antre.create(bill("gone"), { waitMs: 1_500 });
    await eventually("the job is in Redis", async () => (await antre.status()).pending > 0);
    await fleet.redis.end();
    await assert.rejects(waiting, (error) => error instanceof InvoiceStillQueued && /^\d+-\d+$/.test(error.job.id));
  });

  test("a Redis that is not there is unavailable in time, and nothing is kept for later", async () => {
    await unavailable(antre.enqueue(bill("away")));
    await unavailable(antre.create(bill("away")));
    await fleet.startRedis();
    await fleet.resume();
    assert.equal((await antre.create(bill("back"))).external_id, bill("back").external_id);
    assert.deepEqual(await fleet.invoices(bill("away").external_id), []);
  });

  test("a client that was closed is unavailable at once", async () => {
    const closed = await connect(fleet.socket);
    const queue = new Antre({ redis: closed.client });
    await queue.status();
    await closed.close();
    await unavailable(queue.enqueue(bill("closed")));
  });
}
