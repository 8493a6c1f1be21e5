// A mistyped domain is seen on the page that is asked where events are.

import "../../dev/messages";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Health } from "../api/types";
import { Unattributed } from "./Unattributed";

const refused = (reason: string, count: number) => ({
  reason,
  count,
  explanation: `what ${reason} is`,
  remedy: `what to do about ${reason}`,
});

const card = (unknown_domain: number, unattributed: Health["unattributed"]) =>
  renderToStaticMarkup(
    <Unattributed
      domain="shop.example"
      health={{ unknown_domain, unattributed } as unknown as Health}
    />,
  );

test("nothing without a project, no card", () => {
  expect(card(0, [])).toBe("");
  expect(card(0, [refused("invalid_json", 0)])).toBe("");
});

test("an unknown domain names the domain that was probably meant", () => {
  const html = card(12, [refused("unknown_project", 12)]);
  expect(html).toContain("12 events name a domain that no project has");
  expect(html).toContain("shop.example");
  expect(html).not.toContain("what unknown_project is");
});

test("one event is one event", () => expect(card(1, [])).toContain("1 event names a domain"));

test("other reasons are listed with their remedies", () => {
  const html = card(0, [refused("invalid_json", 3)]);
  expect(html).toContain("what to do about invalid_json");
});
