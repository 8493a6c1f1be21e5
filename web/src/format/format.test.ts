// Numbers and files as text.

import { describe, expect, test } from "vitest";
import { csvOf } from "./csv";
import { formatCost, formatDuration, formatMs } from "./number";

test.each([
  [0, "0s"],
  [59.6, "1m 00s"],
  [200, "3m 20s"],
  [3_840, "1h 04m"],
])("%s seconds are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test.each([
  [0.4, "0.4 ms"],
  [840, "840 ms"],
  [1_254, "1.25 s"],
  [125_000, "2m 05s"],
])("%s milliseconds are %s", (ms, text) => expect(formatMs(ms)).toBe(text));

test.each([
  [0, "$0.00"],
  [0.00234, "$0.0023"],
  [12.5, "$12.50"],
])("%s dollars are %s", (usd, text) => expect(formatCost(usd)).toBe(text));

describe("csv", () => {
  test.each([
    ["plain", "plain"],
    ['say "hi", twice', '"say ""hi"", twice"'],
    ["two\nlines", '"two\nlines"'],
    ["=SUM(A1)", "'=SUM(A1)"],
    ["＝SUM(A1)", "'＝SUM(A1)"],
    ["＠a", "'＠a"],
    ["\t=1", "'\t=1"],
    ["\n=1", '"\'\n=1"'],
    ["-1+1", "'-1+1"],
    ["-12.5", "-12.5"],
    ["+3", "+3"],
    ["-", "'-"],
  ])("%s is written %s", (value, cell) => {
    expect(csvOf(["a", "b"], [[value, 1.5]])).toBe(`a,b\r\n${cell},1.5\r\n`);
  });
  test("nothing is an empty cell", () => expect(csvOf(["a"], [[null]])).toBe("a\r\n\r\n"));
});
