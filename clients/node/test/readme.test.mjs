// Every example of the README, run as it stands, in this order, against one fleet.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fleet } from "./support/fleet.mjs";
import { run } from "./support/processes.mjs";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const BLOCKS = [...README.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];

let fleet;
let directory;
before(async () => {
  fleet = await Fleet.start({ tcp: true });
  // Below the package, where Node finds it by its own name.
  const build = fileURLToPath(new URL("../dist/", import.meta.url));
  mkdirSync(build, { recursive: true });
  directory = mkdtempSync(join(build, "readme-"));
});
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await fleet.stop();
});

test("each block of code has its output", () => {
  assert.equal(BLOCKS.length, README.match(/```js\n/g).length);
  assert.ok(BLOCKS.length >= 7);
});

BLOCKS.forEach(([, code, output], index) => {
  test(`example ${index + 1} of the README`, async () => {
    const file = join(directory, `example-${index + 1}.mjs`);
    writeFileSync(file, code);
    const written = await run(process.execPath, [file], { env: { PATH: process.env.PATH, REDIS_URL: fleet.redisUrl } });
    assert.equal(written, output);
  });
});
