// Whether any address can make signing in lead to another site.

import { describe, expect, test } from "vitest";
import { safeNext } from "./next";

const ORIGIN = "https://stats.example";
const check = (next: string) => safeNext(`?next=${encodeURIComponent(next)}`, ORIGIN);

describe("after signing in", () => {
  test.each([
    ["/", "/"],
    ["/projects/1?period=7d#pages", "/projects/1?period=7d#pages"],
    ["/projects/1/../2", "/projects/2"],
    ["/@evil.example", "/@evil.example"],
  ])("%s leads to %s", (next, path) => expect(check(next)).toBe(path));

  test.each([
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "///evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/%09/../..//evil.example",
    "",
    "evil.example",
  ])("%s leads to the start", (next) => expect(check(next)).toBe("/"));

  test("without a wish one starts at the start", () => expect(safeNext("", ORIGIN)).toBe("/"));
});
