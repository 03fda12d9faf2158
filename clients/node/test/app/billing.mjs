// A billing application that is killed: it bills its customers, or submits their bills and writes links back from `ended`.
//
// KILL_AT names the place where it ends as by `kill -9`. BREAK names a rule that it breaks, to show what that rule is for.
import { randomUUID } from "node:crypto";
import { Antre } from "antre";
import { createClient } from "redis";
import { Store } from "./store.mjs";

const { KILL_AT, BREAK, STORE, SOCKET, MODE, NAME } = process.env;
const store = new Store(STORE);
const redis = await createClient({ socket: { path: SOCKET } }).on("error", () => undefined).connect();
const antre = new Antre({ redis });

const customers = ["a", "b", "c"].map((letter) => `${NAME}-${letter}`);
const VICTIM = customers[0];
/** The bill after which the writer has seen everything. */
const LAST = `${NAME}-last`;

function dieAt(place, customer) {
  if (KILL_AT === place && customer === VICTIM) process.kill(process.pid, "SIGKILL");
}

/** Saves the bill with its name before anything is sent. */
function save(customer) {
  if (store.bills[customer]) return;
  store.bills[customer] = { external_id: customer, amount: 350000, link: null, order: "" };
  store.commit();
}

function invoiceOf(customer) {
  const { external_id, amount } = store.bills[customer];
  // Broken: another name at each try.
  return { external_id: BREAK === "new-name" ? `${customer}-${randomUUID()}` : external_id, amount };
}

async function submit(customer) {
  // Broken: what counts as sent before it was sent is never sent again.
  if (BREAK === "sent-too-early") {
    if (store.bills[customer].sent) return null;
    store.bills[customer].sent = true;
    store.commit();
  }
  dieAt("before-xadd", customer);
  const job = await antre.enqueue(invoiceOf(customer));
  dieAt("after-xadd", customer);
  return job;
}

async function bill() {
  for (const customer of customers) {
    save(customer);
    if (store.bills[customer].link) continue;
    const job = await submit(customer);
    if (!job) continue;
    const result = await antre.result(job, 60_000);
    dieAt("before-commit", customer);
    store.bills[customer].link = result.invoice_url;
    store.commit();
  }
}

function write(end) {
  const row = store.bills[end.external_id];
  const isOurs = row && end.is_bill_result && end.amount === row.amount && end.currency === null && row.order < end.order;
  if (!isOurs) return;
  row.link = end.state === "done" ? end.invoice_url : null;
  row.order = end.order;
  // Broken: what is acknowledged is committed some time later.
  if (BREAK !== "commit-late") store.commit();
}

async function submitAll() {
  customers.forEach(save);
  for (const customer of customers) await antre.enqueue(invoiceOf(customer));
}

async function writeBack() {
  for await (const end of antre.ended({ group: NAME, consumer: "writer-1" })) {
    const steps = [() => write(end), () => end.ack()];
    // Broken: the entry is acknowledged before its link is committed.
    if (BREAK === "ack-first") steps.reverse();
    await steps[0]();
    dieAt("before-xack", end.external_id);
    await steps[1]();
    dieAt("after-xack", end.external_id);
    if (end.external_id === LAST) break;
  }
  store.commit();
}

await { bill, submit: submitAll, "write-back": writeBack }[MODE]();
redis.destroy();
