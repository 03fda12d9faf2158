// A small database in a file: a commit writes all of it anew beside the old one and swaps them, so it is there or not.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

export class Store {
  constructor(file) {
    this.file = file;
    /** By customer: external_id, amount, link, order, and whether it counts as sent. */
    this.bills = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  }

  commit() {
    const part = `${this.file}.part`;
    const file = openSync(part, "w");
    writeSync(file, JSON.stringify(this.bills));
    fsyncSync(file);
    closeSync(file);
    renameSync(part, this.file);
  }
}
