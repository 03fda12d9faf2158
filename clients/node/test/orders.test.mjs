// Cancelling and retrying over Redis.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Antre, rateLimiter } from "antre";
import { CLIENTS } from "./support/clients.mjs";
import { Fleet } from "./support/fleet.mjs";
import { eventually } from "./support/processes.mjs";

const NONE = { cancelled: 0, resolving: 0, expired: 0, too_late: 0, paid: 0, not_found: 0 };

let fleet;
let connection;
let antre;
before(async () => {
  fleet = await Fleet.start();
  connection = await CLIENTS["redis 6"](fleet.socket);
  antre = new Antre({ redis: connection.client });
});
after(async () => {
  await connection.close();
  await fleet.stop();
});

test("a job that was not sent is cancelled", async () => {
  await fleet.pause();
  const job = await antre.enqueue({ external_id: "C-1", amount: 350000 });
  assert.deepEqual(await antre.cancel({ job: job.id }, { reason: "moved", by: "a test" }), { ...NONE, cancelled: 1 });
  await fleet.resume();
  assert.equal((await antre.result(job, 30_000)).state, "cancelled");
  assert.deepEqual(await fleet.invoices("C-1"), []);
});

test("a batch is cancelled, accepted already or not", async () => {
  await fleet.pause();
  const bills = Array.from({ length: 20 }, (_, index) => ({ external_id: `C-2-${index}`, amount: 350000 }));
  const jobs = await antre.enqueueMany(bills.map((invoice) => ({ invoice, batch: "moved" })));
  assert.deepEqual(await antre.cancel({ batch: "moved" }), { ...NONE, cancelled: 20 });
  await fleet.resume();
  for (const job of jobs) assert.equal((await antre.result(job, 30_000)).state, "cancelled");
});

test("a done job is too late, and with expire no open invoice is left", async () => {
  await antre.create({ external_id: "C-3", amount: 350000 });
  assert.deepEqual(await antre.cancel({ externalId: "C-3" }), { ...NONE, too_late: 1 });
  assert.deepEqual(await antre.cancel({ externalId: "C-3" }, { expire: true }), { ...NONE, expired: 1 });
  assert.equal((await fleet.invoices("C-3"))[0].status, "EXPIRED");
});

test("what is not there is not found", async () => {
  assert.deepEqual(await antre.cancel({ externalId: "C-4" }), { ...NONE, not_found: 1 });
  assert.deepEqual(await antre.retryDead({ job: "1-0" }), { retried: 0, not_retryable: 0, not_found: 1 });
});

test("dead jobs are retried, one or all", async () => {
  const failing = antre.create({ external_id: "C-5", amount: 350000, currency: "EUR" });
  const { job } = await failing.catch((error) => error);
  await antre.create({ external_id: "C-6", amount: 350000 });
  await assert.rejects(antre.create({ external_id: "C-6", amount: 1 }), { code: "conflict" });
  assert.deepEqual(await antre.retryDead({ job: job.id }), { retried: 1, not_retryable: 0, not_found: 0 });
  await eventually("it is dead again", async () => (await antre.status()).failed === 2);
  rateLimiter.use(antre);
  assert.equal((await rateLimiter.retryFailedInvoices()).message, "Retrying 1 failed invoices");
});

test("what is wrong with an order is told", async () => {
  await assert.rejects(antre.cancel({ job: "" }), /did not take it/);
});
