// Performs the table of docs/languages/conformance.tsv with this module: node conformance.mjs redis|ioredis TABLE
//
// What it cannot send, it leaves out.
import { readFileSync } from "node:fs";
import { Antre, NotServed } from "antre";

const { ACCOUNT, REDIS_URL } = process.env;
const [library, table] = process.argv.slice(2);
const connect = {
  async redis() {
    const { createClient } = await import("redis");
    return createClient({ url: REDIS_URL }).on("error", console.error).connect();
  },
  async ioredis() {
    const { Redis } = await import("ioredis");
    return new Redis(REDIS_URL);
  },
};
const redis = await connect[library]();
const antre = new Antre({ redis, account: ACCOUNT });

async function enqueue(account, text) {
  const { invoice, run_at: runAt, ...options } = JSON.parse(text);
  try {
    return (await new Antre({ redis, account }).enqueue(invoice, { ...options, runAt })).id;
  } catch (error) {
    if (error instanceof NotServed) return null;
    throw error;
  }
}

/** Splits an order into whom it is for and its options. */
function order(text) {
  const { job, external_id: externalId, batch, ...options } = JSON.parse(text);
  const named = Object.entries({ job, externalId, batch }).filter(([, value]) => value !== undefined);
  if (named.length !== 1) throw new SyntaxError("no order that can be sent");
  return [Object.fromEntries(named), options];
}

async function ended(wanted) {
  const found = new Map();
  for await (const end of antre.ended({ group: "conformance", consumer: "runner" })) {
    found.set(end.job, end);
    await end.ack();
    if (wanted.every((job) => found.has(job))) break;
  }
  return wanted.map((job) => found.get(job));
}

const calls = {
  enqueue: (argument, account) => enqueue(account === "A" ? ACCOUNT : account, argument),
  cancel: (argument) => antre.cancel(...order(argument)),
  retry: (argument) => antre.retryDead(...order(argument)),
  wait: (argument) => antre.result(argument.split(" ")[0], Number(argument.split(" ")[1]) * 1000),
  ended: (argument) => ended(argument.split(" ")),
};

const ids = new Map();
for (const line of readFileSync(table, "utf8").trimEnd().split("\n").slice(1)) {
  let [, call, account, name, argument] = line.split("\t");
  for (const [known, id] of ids) argument = argument.replaceAll(`<${known}>`, id);
  // `given`: who starts this has done it. An id that is not known: of a row that was left out.
  if (!calls[call] || argument.includes("<")) continue;
  try {
    const answer = await calls[call](argument, account);
    if (call === "enqueue") ids.set(name, answer ?? "");
    console.log(`${name}\t${JSON.stringify(answer)}`);
  } catch (error) {
    // No JSON, or a value that this module refuses by itself.
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
}
process.exit();
