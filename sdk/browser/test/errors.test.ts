// Which uncaught errors are reported, what is said of them, and how few are enough.

import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { watchErrors } from "../src/errors";

const track = vi.fn();
beforeAll(() => watchErrors({ track }));
beforeEach(() => track.mockReset());

const fail = (init: ErrorEventInit): boolean => dispatchEvent(new ErrorEvent("error", init));

test("an uncaught exception says its type, message and place, and ends no bounce", () => {
  fail({
    error: new RangeError("out of range"),
    message: "Uncaught RangeError: out of range",
    filename: "https://shop.example/app.js?v=7#x",
    lineno: 3,
    colno: 14,
  });
  expect(track.mock.calls).toEqual([
    [
      "error",
      {
        kind: "error",
        interactive: false,
        props: {
          type: "RangeError",
          message: "Uncaught RangeError: out of range",
          source: "https://shop.example/app.js:3:14",
        },
      },
    ],
  ]);
});

test.each<[string, unknown, string, string]>([
  ["an error", new TypeError("no network"), "TypeError", "no network"],
  ["a text", "gone", "Error", "gone"],
  ["nothing", undefined, "Error", "undefined"],
])("a promise rejected with %s is reported", (_, reason, type, message) => {
  dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason }));
  expect(track.mock.calls[0]?.[1].props).toEqual({ type, message, source: "" });
});

test("an image that does not load is no error", () => {
  document.body.append(document.createElement("img"));
  document.querySelector("img")?.dispatchEvent(new Event("error"));
  expect(track).not.toHaveBeenCalled();
});

test("the same error again is not reported, a long message is cut, and ten are enough", () => {
  for (let index = 0; index < 20; index++) {
    fail({ message: `${index} ${"x".repeat(300)}` });
    fail({ message: `${index} ${"x".repeat(300)}` });
  }
  const messages = track.mock.calls.map(([, { props }]) => props.message);
  // Four were reported by the tests above.
  expect(messages.map((message) => message.slice(0, 2))).toEqual([
    "0 ",
    "1 ",
    "2 ",
    "3 ",
    "4 ",
    "5 ",
  ]);
  expect(messages[0]).toHaveLength(200);
});
