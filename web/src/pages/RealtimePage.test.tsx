// What happens now, in words.

import "../../dev/messages";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Live } from "../api/types";
import { Rate } from "./RealtimePage";

const NOW = Date.parse("2026-11-21T11:19:00Z");

const rate = (events_last_minute: number, last_event_at: string | null) =>
  renderToStaticMarkup(<Rate now={NOW} live={{ events_last_minute, last_event_at } as Live} />);

test("the time since the last event is named as such", () => {
  expect(rate(0, "2026-11-21T11:15:00Z")).toContain("<p>Last event: 4 minutes ago</p>");
  expect(rate(0, null)).not.toContain("Last event");
});
test.each([
  [0, "0 events in"],
  [1, "1 event in"],
  [2, "2 events in"],
])("%i in words", (count, text) => expect(rate(count, null)).toContain(text));
