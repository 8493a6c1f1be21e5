// Owns the size budget: fails when a build, compressed as a web server would, exceeds it.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** Bytes after gzip -9. The extensions are optional, so each has a budget of its own. */
const BUDGET_BYTES = {
  "almanac.core.js": 1200,
  "almanac.js": 3000,
  "module.js": 3000,
  "almanac.errors.js": 600,
  "almanac.vitals.js": 1000,
  "plausible.js": 3000,
  "umami.js": 2000,
};

for (const [file, budget] of Object.entries(BUDGET_BYTES)) {
  const source = readFileSync(new URL(`dist/${file}`, import.meta.url));
  const size = gzipSync(source, { level: 9 }).length;
  const verdict = size <= budget ? "ok" : "over budget";
  console.log(`${file}: ${source.length} bytes, ${size} gzip, budget ${budget}: ${verdict}`);
  if (size > budget) process.exitCode = 1;
}
