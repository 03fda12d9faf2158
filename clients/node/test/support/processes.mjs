// Processes of a test: started here, ended by their id, and their output kept for the one that reads a failure.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
export const ANTRE = process.env.ANTRE_BIN ?? `${ROOT}target/debug/antre`;

const running = new Set();
// A test that fails half way leaves nothing behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a program; `output()` is what it has written, `ended` its exit code or signal. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  running.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
  const ended = new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`${program} does not start: ${error.message}`)));
    child.on("close", (code, signal) => {
      running.delete(child);
      resolve(signal ?? code);
    });
  });
  ended.catch(() => undefined);
  const end = async (signal = "SIGKILL") => {
    child.kill(signal);
    return ended;
  };
  return { child, ended, end, output: () => text };
}

/** Runs a program to its end and returns its output, or fails with it. */
export async function run(program, args, options) {
  const process = start(program, args, options);
  const code = await process.ended;
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${process.output()}`);
  return process.output();
}

/** Returns what `look` finds, once it finds something; fails with `what` when the time is over. */
export async function eventually(what, look, limitMs = 30_000) {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`it did not happen within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
