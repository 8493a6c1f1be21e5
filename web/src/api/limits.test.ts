// The limits of forms are the server's: read from the crate that enforces them.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as limits from "./limits";

const source = readFileSync(
  new URL("../../../crates/catalog/src/limits.rs", import.meta.url),
  "utf8",
);

test.each(Object.entries(limits))("%s is %i, as in the catalog", (name, value) => {
  const found = new RegExp(`pub const ${name}: usize = ([\\d_]+);`).exec(source);
  expect(Number(found?.[1]?.replaceAll("_", ""))).toBe(value);
});

test("no form has a length of its own", () => {
  const pages = new URL("../pages/", import.meta.url);
  const files = readdirSync(pages).filter((name) => name.endsWith("Page.tsx"));
  expect(files.length).toBeGreaterThan(5);
  for (const name of files) {
    expect(readFileSync(new URL(name, pages), "utf8"), name).not.toMatch(/maxLength=\{\d/);
  }
});
