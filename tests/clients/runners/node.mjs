// Performs the table of docs/languages/conformance.tsv with node-redis or ioredis: node node.mjs redis|ioredis TABLE
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const { ACCOUNT, REDIS_URL } = process.env;
const [library, table] = process.argv.slice(2);

/** Where the two libraries differ: a raw command, the entries in an answer with one stream (both use RESP3), and the end. */
const libraries = {
  async redis() {
    const { createClient } = await import("redis");
    const client = await createClient({ url: REDIS_URL }).on("error", console.error).connect();
    const entries = (answer) => Object.values(answer ?? {})[0] ?? [];
    return { call: (...command) => client.sendCommand(command), entries, close: () => client.destroy() };
  },
  async ioredis() {
    const { Redis } = await import("ioredis");
    const client = new Redis(REDIS_URL);
    const entries = (answer) => answer?.[1] ?? [];
    return { call: (name, ...rest) => client.call(name, ...rest), entries, close: () => client.disconnect() };
  },
};
const { call, entries, close } = await libraries[library]();

const send = (account, field, text) => call("XADD", `antre:{${account}}:inbox`, "NOMKSTREAM", "*", field, text);

async function wait(id, seconds) {
  const key = `antre:{${ACCOUNT}}:result:${id}`;
  return JSON.parse(await call("BLMOVE", key, key, "LEFT", "LEFT", seconds));
}

async function command(field, text) {
  const id = await send(ACCOUNT, field, text);
  for (;;) {
    const answer = await wait(id, "30");
    if (!answer.resolving) return answer;
    await sleep(100);
  }
}

function decoded(list) {
  const end = {};
  for (let at = 0; at < list.length; at += 2) {
    const [name, value] = [list[at], list[at + 1]];
    if (name === "is_bill_result") end[name] = value === "1";
    else if (name === "error" || name === "warnings") end[name] = JSON.parse(value);
    else end[name] = value === "" ? null : value;
  }
  return end;
}

async function ended(wanted) {
  const stream = `antre:{${ACCOUNT}}:ended`;
  const found = new Map();
  await call("XGROUP", "CREATE", stream, "conformance", "0");
  while (!wanted.every((job) => found.has(job))) {
    const read = ["XREADGROUP", "GROUP", "conformance", "runner", "BLOCK", "30000", "STREAMS", stream, ">"];
    for (const [entry, list] of entries(await call(...read))) {
      const end = decoded(list);
      found.set(end.job, end);
      await call("XACK", stream, "conformance", entry);
    }
  }
  return wanted.map((job) => found.get(job));
}

const ids = new Map();
for (const line of readFileSync(table, "utf8").trimEnd().split("\n").slice(1)) {
  let [, kind, account, name, argument] = line.split("\t");
  for (const [known, id] of ids) argument = argument.replaceAll(`<${known}>`, id);
  let answer;
  if (kind === "enqueue") {
    answer = await send(account === "A" ? ACCOUNT : account, "job", argument);
    ids.set(name, answer ?? "");
  } else if (kind === "cancel" || kind === "retry") answer = await command(kind, argument);
  else if (kind === "wait") answer = await wait(...argument.split(" "));
  else if (kind === "ended") answer = await ended(argument.split(" "));
  else continue; // `given`: who starts this has done it
  console.log(`${name}\t${JSON.stringify(answer)}`);
}
close();
