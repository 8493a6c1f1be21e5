// The question survives its trip through the address bar.

import { describe, expect, test } from "vitest";
import { filterText, parseFilter, toggled } from "./filters";
import { parseQuestion, searchText, writeQuestion } from "./url";

/** Reads a URL's question and writes it again: what comes back is its normal form. */
const normal = (search: string) => {
  const params = new URLSearchParams(search);
  return searchText(writeQuestion(params, parseQuestion(params)));
};

describe("the URL", () => {
  test.each([
    ["", ""],
    ["?period=28d", ""],
    ["?period=7d&metric=bounce_rate", "?period=7d&metric=bounce_rate"],
    ["?period=nonsense&metric=nonsense&interval=era", ""],
    ["?from=2026-01-01&to=2026-02-01", "?from=2026-01-01&to=2026-02-01"],
    ["?from=2026-02-01&to=2026-01-01", ""],
    ["?compare=off&match=weekday", "?compare=off&match=weekday"],
    ["?pages=entry&details=top", "?pages=entry&details=top"],
    ["?traffic=bots", "?traffic=bots"],
    ["?traffic=people", ""],
    ["?f=is,visit:source,Google&f=what", "?f=is,visit:source,Google"],
  ])("%s means %s", (search, expected) => expect(normal(search)).toBe(expected));
});

describe("filters as text", () => {
  test.each([
    ["plain", ["Google"]],
    ["several", ["Google", "Bing"]],
    ["commas and percents", ["/a,b", "100%", "%2C"]],
    ["other scripts", ["/größe?q=ü&x=#", "日本"]],
  ])("%s survive the URL", (_, values) => {
    const filter = { op: "is" as const, dimension: "event:page", values };
    const url = searchText(new URLSearchParams([["f", filterText(filter)]]));
    expect(parseFilter(new URLSearchParams(url).get("f") ?? "")).toEqual(filter);
  });

  test.each(["", "is", "is,visit:source", "like,visit:source,x", "is,visit:source,%"])(
    "%s is no filter",
    (text) => expect(parseFilter(text)).toBeNull(),
  );
});

test("toggling twice changes nothing", () => {
  const one = toggled([], "visit:source", "Google");
  const two = toggled(one, "visit:source", "Bing");
  expect(two).toEqual([{ op: "is", dimension: "visit:source", values: ["Google", "Bing"] }]);
  expect(toggled(two, "visit:source", "Bing")).toEqual(one);
  expect(toggled(one, "visit:source", "Google")).toEqual([]);
});
