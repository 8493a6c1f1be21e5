// Measures what a browser downloads for the first page and fails above the budget.
// First page = index.html, its scripts and styles, and everything they import statically.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 120_000;
const DIST = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

const files = new Set(["index.html", "theme.js", "icon.svg"]);
const visit = (key) => {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) visit(next);
};
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);

const gzip = (file) => gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length;
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

let total = 0;
for (const file of files) {
  const bytes = gzip(file);
  total += bytes;
  process.stdout.write(`  ${kb(bytes).padStart(9)}  ${file}\n`);
}
process.stdout.write(`first page: ${kb(total)} gzip of ${kb(BUDGET_BYTES)}\n`);
for (const chunk of Object.values(manifest)) {
  if (chunk.isDynamicEntry)
    process.stdout.write(`  later: ${kb(gzip(chunk.file))}  ${chunk.file}\n`);
}
if (total > BUDGET_BYTES) {
  process.stderr.write("the first page is above its budget: split code or drop a dependency\n");
  process.exit(1);
}
