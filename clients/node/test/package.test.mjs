// The package as others get it: installed, imported both ways, typed; and what it refuses.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { createCluster } from "redis";
import { createClient as createOldest } from "redis-oldest";
import * as esm from "antre";
import { run } from "./support/processes.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NAMES = [
  ...["Antre", "Invoice", "InvoicePriority", "InvoiceRejected", "InvoiceStillQueued", "NotServed", "Unavailable"],
  ...["createBulkInvoicesWithRateLimit", "createInvoiceWithRateLimit", "rateLimiter"],
];

test("both kinds of modules export the same names", () => {
  const cjs = createRequire(import.meta.url)("antre");
  assert.deepEqual(Object.keys(esm).sort(), NAMES);
  assert.deepEqual(Object.keys(cjs).sort(), NAMES);
});

test("it is installed by its folder, and needs no other package", async () => {
  const application = mkdtempSync(join(tmpdir(), "antre-application-"));
  try {
    writeFileSync(join(application, "package.json"), '{ "private": true }');
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--offline", "--legacy-peer-deps", ROOT], { cwd: application });
    const script = 'import("antre").then((esm) => console.log(Object.keys(esm).length, Object.keys(require("antre")).length))';
    const written = await run(process.execPath, ["-e", script], { cwd: application });
    assert.equal(written, `${NAMES.length} ${NAMES.length}\n`);
  } finally {
    rmSync(application, { recursive: true, force: true });
  }
});

test("types: what is right compiles, with every supported client, and what is wrong does not", async () => {
  await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "test/types"], { cwd: ROOT });
});

test("the lock file names no registry", () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const found = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined);
  assert.deepEqual(found, []);
  assert.deepEqual(packages[""].dependencies, undefined);
});

test("a client under whose keys nobody reads is refused", () => {
  const redis = new Redis({ keyPrefix: "laravel_", lazyConnect: true });
  assert.throws(() => new esm.Antre({ redis }), /without keyPrefix/);
});

test("clients that are not supported are refused with a sentence", () => {
  assert.throws(() => new esm.Antre({ redis: createCluster({ rootNodes: [] }) }), /createCluster is not supported/);
  assert.throws(() => new esm.Antre({ redis: createOldest({ legacyMode: true }) }), /without legacyMode/);
  assert.throws(() => new esm.Antre({ redis: {} }), /must be a client of the package/);
});

test("an account that cannot be one is refused", () => {
  const redis = new Redis({ lazyConnect: true });
  assert.throws(() => new esm.Antre({ redis, account: "Second Brand" }), /is no account/);
});

test("the functions of a limiter say what they need", async () => {
  await assert.rejects(esm.createInvoiceWithRateLimit({ external_id: "A", amount: 1 }), /call rateLimiter\.use/);
});
