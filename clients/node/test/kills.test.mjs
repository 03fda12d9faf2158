// The application is killed at each step and started again: each bill has one invoice, and its link is in the database.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fleet } from "./support/fleet.mjs";
import { eventually, start } from "./support/processes.mjs";

const APP = fileURLToPath(new URL("app/billing.mjs", import.meta.url));

/** Where it is killed, what it does there, and a rule without which that goes wrong. */
const KILLS = [
  { at: "before-xadd", mode: "bill", broken: "sent-too-early" },
  { at: "after-xadd", mode: "bill", broken: "new-name" },
  { at: "while-waiting", mode: "bill", broken: "new-name" },
  { at: "before-commit", mode: "bill", broken: "sent-too-early" },
  { at: "before-xack", mode: "write-back", broken: "ack-first" },
  { at: "after-xack", mode: "write-back", broken: "commit-late" },
];

let fleet;
before(async () => (fleet = await Fleet.start()));
after(() => fleet.stop());

for (const { at, mode, broken } of KILLS) {
  test(`killed ${at}: one invoice each, and every link`, async () => {
    assert.deepEqual(await faults(at, mode, "none"), []);
  });

  test(`killed ${at}: this test notices the broken rule ${broken}`, async () => {
    assert.notDeepEqual(await faults(at, mode, broken), []);
  });
}

/** Kills the application once, starts it again, and returns what is wrong then. */
async function faults(at, mode, broken) {
  const name = `${at}-${broken}`;
  const file = join(fleet.directory, `${name}.json`);
  const variables = { PATH: process.env.PATH, STORE: file, SOCKET: fleet.socket, NAME: name, BREAK: broken };
  const app = (mode, kill) => start(process.execPath, [APP], { env: { ...variables, MODE: mode, KILL_AT: kill } });
  const ends = async (app) => assert.equal(await app.ended, 0, app.output());

  if (mode === "write-back") await ends(app("submit", ""));
  if (at === "while-waiting") await fleet.pause();
  const first = app(mode, at);
  if (at === "while-waiting") await killWaiting(first);
  assert.equal(await first.ended, "SIGKILL", first.output());
  if (mode === "write-back") await fleet.enqueue({ external_id: `${name}-last`, amount: 1 });
  await ends(app(mode, ""));
  return compare(name, JSON.parse(readFileSync(file, "utf8")));
}

async function killWaiting(app) {
  await eventually("it waits", async () => (await fleet.redisCli("CLIENT", "LIST")).includes("cmd=blmove"));
  await app.end("SIGKILL");
  await fleet.resume();
}

async function compare(name, bills) {
  const all = (await fleet.sim("invoices")).filter(({ external_id }) => external_id.startsWith(name));
  const found = [];
  for (const [customer, { link }] of Object.entries(bills)) {
    const invoices = all.filter(({ external_id }) => external_id.startsWith(customer));
    if (invoices.length !== 1) found.push(`${customer} has ${invoices.length} invoices`);
    if (link === null || link !== invoices[0]?.invoice_url) found.push(`${customer} has the link ${link}`);
  }
  return Object.keys(bills).length === 3 ? found : [...found, "a bill is missing"];
}
