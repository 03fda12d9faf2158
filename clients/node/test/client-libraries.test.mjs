// The same questions to every supported Redis client: bills become invoices, and what goes wrong has its own error.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Antre, InvoiceRejected, InvoiceStillQueued, NotServed, Unavailable } from "antre";
import { CLIENTS } from "./support/clients.mjs";
import { Fleet } from "./support/fleet.mjs";

let fleet;
before(async () => (fleet = await Fleet.start()));
after(() => fleet.stop());

for (const [name, connect] of Object.entries(CLIENTS)) {
  describe(name, () => {
    const bill = (number) => `${name}-${number}`;
    let connection;
    let antre;
    before(async () => {
      connection = await connect(fleet.socket);
      antre = new Antre({ redis: connection.client });
    });
    after(() => connection.close());

    test("create returns the invoice that Xendit has", async () => {
      const answer = await antre.create({ external_id: bill(1), amount: 350000, description: "Internet" });
      assert.deepEqual([answer], (await fleet.invoices(bill(1))).map(asAnswered));
    });

    test("the second create of a bill returns the same invoice", async () => {
      const first = await antre.create({ external_id: bill(2), amount: 350000 });
      assert.deepEqual(await antre.create({ external_id: bill(2), amount: "350000.00" }), first);
      assert.equal((await fleet.invoices(bill(2))).length, 1);
    });

    test("a refusal has Xendit's code, text and status", async () => {
      const error = await failure(antre.create({ external_id: bill(3), amount: 350000, currency: "EUR" }));
      assert.ok(error instanceof InvoiceRejected);
      assert.deepEqual([error.code, error.status], ["UNSUPPORTED_CURRENCY", 400]);
      assert.equal(error.errorCode, error.code);
      assert.equal(error.result.response.error_code, "UNSUPPORTED_CURRENCY");
      assert.equal((await antre.result(error.job)).error.message, error.message);
    });

    test("another amount is a conflict, and never returns the first invoice", async () => {
      await antre.create({ external_id: bill(4), amount: 350000 });
      const error = await failure(antre.create({ external_id: bill(4), amount: 400000 }));
      assert.ok(error instanceof InvoiceRejected);
      assert.equal(error.code, "conflict");
      assert.equal(error.result.is_bill_result, false);
    });

    test("a job that is none is refused with the remedy", async () => {
      const error = await failure(antre.create({ external_id: bill(5), amount: "350.000" }));
      assert.equal(error.code, "invalid");
      assert.match(error.message, /invoice\.amount has three digits after a point/);
    });

    test("an account that was never served takes nothing", async () => {
      const unserved = new Antre({ redis: connection.client, account: "defualt" });
      const error = await failure(unserved.enqueue({ external_id: bill(6), amount: 350000 }));
      assert.ok(error instanceof NotServed);
      assert.equal(error.account, "defualt");
      assert.equal(await fleet.redisCli("EXISTS", "antre:{defualt}:inbox"), "0");
      const many = unserved.enqueueMany([{ invoice: { external_id: bill(6), amount: 350000 } }]);
      assert.ok((await failure(many)) instanceof NotServed);
    });

    test("what is not made in time is still queued, and its link comes later", async () => {
      await fleet.pause();
      const error = await failure(antre.create({ external_id: bill(7), amount: 350000 }, { waitMs: 300 }));
      assert.ok(error instanceof InvoiceStillQueued, String(error));
      assert.equal(error.account, "default");
      assert.equal(await antre.result(error.job), null);
      const later = antre.result(error.job, 30_000);
      await fleet.resume();
      assert.equal((await later).state, "done");
      assert.equal((await fleet.invoices(bill(7))).length, 1);
    });

    test("an error of Redis is no job id", async () => {
      await fleet.redisCli("SET", "antre:{taken}:inbox", "a text");
      const error = await failure(new Antre({ redis: connection.client, account: "taken" }).enqueue({ external_id: bill(8), amount: 1 }));
      assert.ok(error instanceof Unavailable);
      assert.match(error.message, /WRONGTYPE/);
      assert.equal(error.mayHaveArrived, false);
    });

    test("the figures are those of the account", async () => {
      await antre.create({ external_id: bill(9), amount: 350000 });
      const status = await antre.status();
      const [account] = JSON.parse(await fleet.antre("status", "--json")).accounts;
      assert.deepEqual([status.completed, status.failed], [account.done, account.dead]);
      assert.deepEqual([status.total_processed, status.total_failed], [account.totals.done, account.totals.dead]);
      assert.deepEqual([status.pending, status.processing, status.is_processing], [0, 0, false]);
      assert.equal(status.estimated_wait_time, 0);
    });

    test("the rights of a producer are enough", async () => {
      const line = (await fleet.antre("check", "--acl")).split("\n").find((line) => line.startsWith("user antre-producer"));
      await fleet.redisCli("ACL", "SETUSER", ...line.split(" ").slice(1));
      const password = line.match(/>(\S+)/)[1];
      const limited = await connect(fleet.socket, { username: "antre-producer", password });
      try {
        const producer = new Antre({ redis: limited.client });
        const { invoice_url } = await producer.create({ external_id: bill(10), amount: 350000 });
        await producer.status();
        for await (const end of producer.ended({ group: `rights of ${name}`, consumer: "w" })) {
          await end.ack();
          if (end.external_id === bill(10)) {
            assert.equal(end.invoice_url, invoice_url);
            break;
          }
        }
        assert.equal((await producer.cancel({ externalId: bill(10) })).too_late, 1);
      } finally {
        await limited.close();
      }
    });

    const connectsLate = name.startsWith("ioredis") ? test : () => undefined; // node-redis has no such option
    connectsLate("a client that connects late is opened by the first call", async () => {
      const late = await connect(fleet.socket, { lazyConnect: true });
      const answer = await new Antre({ redis: late.client }).create({ external_id: bill(11), amount: 350000 });
      assert.equal(answer.external_id, bill(11));
      await late.close();
    });

    test("more waits at once than connections get their own answers each", async () => {
      const all = Array.from({ length: 40 }, (_, index) => antre.create({ external_id: bill(`many-${index}`), amount: 1000 + index }));
      const amounts = (await Promise.all(all)).map((invoice) => invoice.amount);
      assert.deepEqual(amounts, Array.from({ length: 40 }, (_, index) => 1000 + index));
    });
  });
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "it did not fail" });
}

/** The simulator's control route also shows whose invoice it is; Xendit's answer does not. */
function asAnswered({ account, ...answer }) {
  assert.ok(account);
  return answer;
}
