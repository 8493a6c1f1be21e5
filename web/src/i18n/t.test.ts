// The first page shows no message that it does not carry.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { en } from "./en";
import { enLater } from "./enLater";
import { know, t, tName } from "./t";

const SOURCE = new URL("..", import.meta.url).pathname;

/** The file that an import names; null for a package or a style sheet. */
function fileOf(importer: string, name: string): string | null {
  if (!name.startsWith(".")) return null;
  const path = join(dirname(importer), name);
  const inFolder = readdirSync(dirname(path));
  const ending = [".ts", ".tsx"].find((end) => inFolder.includes(path.split("/").at(-1) + end));
  return ending ? path + ending : null;
}

/** All files that the browser fetches before it shows anything, with their text. */
function firstPage(): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (path: string) => {
    if (files.has(path)) return;
    const text = readFileSync(path, "utf8");
    files.set(path, text);
    for (const [statement, name = ""] of text.matchAll(
      /^(?:import|export) [^;]*?from "([^"]+)";/gm,
    )) {
      const file = statement.startsWith("import type") ? null : fileOf(path, name);
      if (file) visit(file);
    }
  };
  visit(join(SOURCE, "main.tsx"));
  return files;
}

test("every message of the first page comes with it", () => {
  const files = firstPage();
  expect([...files.keys()].some((path) => path.endsWith("OverviewPage.tsx"))).toBe(true);
  const later = Object.keys(enLater);
  const missing: string[] = [];
  for (const [path, text] of files) {
    for (const [, key = ""] of text.matchAll(/"([a-z]\w*\.[\w:.]+)"/gi)) {
      if (later.includes(key)) missing.push(`${path}: ${key}`);
    }
    for (const [, prefix = ""] of text.matchAll(/\bt\(`([\w.]+\.)\$\{/g)) {
      if (later.some((key) => key.startsWith(prefix))) missing.push(`${path}: ${prefix}…`);
    }
  }
  expect(missing).toEqual([]);
});

test("no message is said twice", () =>
  expect(Object.keys(en).filter((key) => key in enLater)).toEqual([]));

test("later messages are known once they are there", () => {
  expect(t("login.submit")).toBe("login.submit");
  know(enLater);
  expect(t("login.submit")).toBe("Sign in");
  expect(t("health.last", { ago: "now" })).toBe("The latest event of this project: now.");
});

test.each([
  ["visit:source", "Source"],
  ["event:props:plan", "plan"],
  ["visit:unheard_of", "visit:unheard_of"],
])("the dimension %s is called %s", (name, text) => expect(tName("dimension", name)).toBe(text));
