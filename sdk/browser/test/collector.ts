// Owns the fake network of the unit tests: what was sent, and how the server answers.

import { vi } from "vitest";
import type { WireEvent } from "../src/event";

/** Replaces fetch; `answers` are statuses or "offline", one per request, then 202 for ever. */
export function collect(...answers: (number | "offline")[]): { requests: WireEvent[][] } {
  const requests: WireEvent[][] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    requests.push(JSON.parse(init.body as string));
    const answer = answers.shift() ?? 202;
    if (answer === "offline") throw new TypeError("network error");
    return new Response("ok", { status: answer });
  });
  return { requests };
}

/** An event for tests that do not care what it says. */
export function event(id: string, at = Date.now()): WireEvent {
  return { n: id, u: "https://shop.example/", v: 1, id, at };
}
