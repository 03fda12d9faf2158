// Node takes a file for an ES module where the nearest package.json says so: dist/cjs says otherwise.
import { writeFileSync } from "node:fs";

writeFileSync(new URL("dist/cjs/package.json", import.meta.url), '{ "type": "commonjs" }\n');
