// What is sent and what is read, without Redis.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { jobText } from "../dist/esm/job.js";
import { orderText, readCancelled, readRetried } from "../dist/esm/orders.js";
import { orderOf, readOutcome, readResult } from "../dist/esm/result.js";
import { figures } from "../dist/esm/status.js";

const golden = (name) => JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8"));

for (const { name, invoice, options, text } of golden("jobs")) {
  test(`the text of a job: ${name}`, () => {
    const runAt = options?.runAt?.date ? new Date(options.runAt.date) : options?.runAt;
    assert.equal(jobText(invoice, runAt ? { ...options, runAt } : options), text);
  });
}

test("a number that JSON does not have is refused, not left out", () => {
  const bill = (amount) => () => jobText({ external_id: "A", amount });
  assert.throws(bill(Number.NaN), /amount is NaN/);
  assert.throws(bill(Number.POSITIVE_INFINITY), /amount is Infinity/);
  assert.throws(bill(2n ** 60n), /amount is too large/);
});

test("decimals and whole numbers of other types become amounts", () => {
  const amountOf = (amount) => JSON.parse(jobText({ external_id: "A", amount })).invoice.amount;
  assert.equal(amountOf(350000n), 350000);
  assert.equal(amountOf({ toJSON: () => "350000.00" }), "350000.00");
});

test("a job that is too large is refused before it is sent", () => {
  assert.throws(() => jobText({ external_id: "A", amount: 1, description: "é".repeat(131_072) }), /at most 262144/);
});

test("fields of a result that nobody knows are ignored, and missing ones are null", () => {
  const result = readResult('{"job":"1-0","state":"done","invoice_url":"https://x","a_new_field":{"b":1}}');
  assert.deepEqual(Object.keys(result).sort(), [...FIELDS, "response"].sort());
  assert.deepEqual([result.state, result.invoice_url, result.error, result.amount], ["done", "https://x", null, null]);
  assert.deepEqual([result.warnings, result.is_bill_result], [[], false]);
});

test("an entry of ended has texts only, and reads like a result", () => {
  const outcome = readOutcome({
    ...Object.fromEntries(FIELDS.map((name) => [name, ""])),
    ...{ job: "1-0", state: "dead", amount: "350000.5", attempts: "2", is_bill_result: "1", a_new_field: "x" },
    error: '{"code":"conflict","message":"m","status":null}',
    warnings: '[{"code":"decimals_cut","field":"invoice.amount","message":"m"}]',
  });
  assert.deepEqual(Object.keys(outcome).sort(), FIELDS);
  assert.deepEqual([outcome.amount, outcome.attempts, outcome.is_bill_result], [350000.5, 2, true]);
  assert.deepEqual([outcome.currency, outcome.invoice_url, outcome.external_id], [null, null, null]);
  assert.deepEqual(outcome.error, { code: "conflict", message: "m", status: null });
  assert.equal(outcome.warnings[0].field, "invoice.amount");
  assert.equal(readOutcome({ is_bill_result: "", error: "null", warnings: "[]" }).is_bill_result, false);
});

test("orders sort as entries do, not as texts do", () => {
  const entries = ["1795413600000-9", "1795413600000-10", "999-0"];
  assert.deepEqual([...entries].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)), ["999-0", ...entries.slice(0, 2)]);
});

const QUIET = { nowMs: 0, inbox: 0, high: 0, normal: 0, low: 0, scheduledSoon: 0, running: 0, done: 0, dead: 0 };
const OPEN = { totals: [null, null], pacer: [null, null, null], config: '{"limits":"2:1000000,60:60000000"}' };
const of = (changes) => figures({ ...QUIET, ...OPEN, ...changes });

test("the figures of a quiet account are zeros", () => {
  const zeros = { pending: 0, processing: 0, completed: 0, failed: 0, total_processed: 0, total_failed: 0 };
  assert.deepEqual(of({}), { ...zeros, is_processing: false, estimated_wait_time: 0 });
});

test("the estimate keeps every limit, and is null while nothing is sent", () => {
  assert.equal(of({ inbox: 1, normal: 9 }).estimated_wait_time, 5);
  assert.equal(of({ inbox: 120 }).estimated_wait_time, 120);
  assert.equal(of({ inbox: 1, low: 5 }).pending, 6);
  assert.equal(of({ inbox: 1, pacer: ["somebody", null, null] }).estimated_wait_time, null);
  assert.equal(of({ inbox: 1, pacer: ["somebody", "9000", null] }).estimated_wait_time, 10);
  assert.equal(of({ inbox: 1, pacer: [null, null, "http_502"] }).estimated_wait_time, null);
  assert.equal(of({ inbox: 1, pacer: [null, null, "http_502"] }).is_processing, false);
  assert.equal(of({ inbox: 1 }).is_processing, true);
  assert.equal(of({ config: null }).estimated_wait_time, null);
});

test("the texts of cancel and retry, and their counts", () => {
  assert.equal(orderText({ job: "1-0" }, {}), '{"job":"1-0"}');
  const options = { reason: "moved", by: "Sari", expire: true, waitMs: 1 };
  assert.equal(orderText({ externalId: "A" }, options), '{"external_id":"A","reason":"moved","by":"Sari","expire":true}');
  assert.equal(orderText({ batch: "2026-12" }, { expire: false }), '{"batch":"2026-12"}');
  assert.equal(orderText("all", { by: "Sari" }), '{"all_dead":true,"by":"Sari"}');
  const none = { cancelled: 0, resolving: 0, expired: 0, too_late: 0, paid: 0, not_found: 0 };
  assert.deepEqual(readCancelled('{"cancelled":2,"a_new_count":1}'), { ...none, cancelled: 2 });
  assert.deepEqual(readRetried('{"retried":1,"not_retryable":3}'), { retried: 1, not_retryable: 3, not_found: 0 });
  assert.throws(() => readRetried('{"error":{"code":"invalid","message":"no such field"}}'), /did not take it: no such field/);
  assert.throws(() => readRetried('{"job":"1-0","state":"dead"}'), /does not know cancel and retry/);
});

const FIELDS = [
  ...["amount", "attempts", "bill_job", "currency", "duplicate_of", "error", "expiry_date", "external_id"],
  ...["invoice_id", "invoice_url", "is_bill_result", "job", "reference", "state", "warnings"],
];
