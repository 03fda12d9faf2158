// A result that takes eight seconds, longer than any time-out a client has by itself or was given.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Antre } from "antre";
import { CLIENTS } from "./support/clients.mjs";
import { Fleet } from "./support/fleet.mjs";

const IMPATIENT = {
  "redis 6": { commandOptions: { timeout: 1_000 } },
  "ioredis 5.0": { commandTimeout: 1_000 },
  "ioredis 6": { commandTimeout: 1_000, socketTimeout: 1_500, blockingTimeout: 1_000, blockingTimeoutGrace: 100 },
};

const WORKERS_OWN = 4;

let fleet;
before(async () => (fleet = await Fleet.start({ requestTimeout: "20s" })));
after(() => fleet.stop());

test("every client waits as long as it was told to", async () => {
  const first = await CLIENTS["redis 6"](fleet.socket);
  // The first request only shows whose key it is.
  await new Antre({ redis: first.client }).create({ external_id: "WAIT", amount: 350000 });
  await first.close();
  await fleet.sim("latency", { latency: "8s" });
  const connections = async () => Number(/total_connections_received:(\d+)/.exec(await fleet.redisCli("INFO", "stats"))[1]);
  const before = await connections();
  const plain = Object.keys(CLIENTS).map((name) => [name, {}]);
  const all = [...plain, ...Object.entries(IMPATIENT)].map(async ([name, options], index) => {
    const connection = await CLIENTS[name](fleet.socket, options);
    try {
      const antre = new Antre({ redis: connection.client });
      const answer = await antre.create({ external_id: `WAIT-${index}`, amount: 350000 }, { waitMs: 40_000 });
      assert.equal(answer.external_id, `WAIT-${index}`, name);
    } finally {
      await connection.close();
    }
  });
  const since = performance.now();
  await Promise.all(all);
  // Its own and the duplicate: a time-out of the client's would have cost one each second. The worker may open some, too.
  const opened = (await connections()) - before - 2 * all.length - 1;
  assert.ok(opened <= WORKERS_OWN, `${opened} more connections than clients need`);
  assert.ok(performance.now() - since >= 8_000, "nobody had to wait");
});
