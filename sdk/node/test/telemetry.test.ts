// What the client sends, and that the host never notices: server down, silent or talking nonsense.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTelemetry, type Options, type Telemetry } from "../src/index.ts";
import { SPOOL_FILES_MAX, WAITING_EVENTS_MAX } from "../src/limits.ts";
import { backoffMs } from "../src/post.ts";
import { createSpool } from "../src/spool.ts";
import { closedPort, reply, type Stub, startStub } from "./stub.ts";

let folder: string;
const stubs: Stub[] = [];
const opened: Telemetry[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "almanac-telemetry-"));
  vi.stubEnv("DO_NOT_TRACK", "");
  // Half of the first pause is enough of a wait for a test; backoff itself is tested below.
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(async () => {
  for (const telemetry of opened.splice(0)) await telemetry.close();
  for (const stub of stubs.splice(0)) await stub.close();
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

async function stub(...answers: (string | null)[]): Promise<Stub> {
  const started = await startStub(...answers);
  stubs.push(started);
  return started;
}

function begin(endpoint: string, options: Partial<Options> = {}): Telemetry {
  const given = { endpoint, project: "tools.example", version: "1.2.0", exitWaitMs: 0 };
  const telemetry = createTelemetry({ ...given, ...options });
  opened.push(telemetry);
  return telemetry;
}

test("a call becomes an event of its level", async () => {
  const server = await stub();
  const telemetry = begin(server.url, { service: "indexer" });
  telemetry.record({
    tool: "search",
    durationMs: 12.5,
    cacheHit: false,
    parameters: { limit: 3 },
    sessionId: "s",
  });
  expect(await telemetry.flush()).toBe(true);
  const [batch] = server.batches;
  expect(batch).toMatchObject({ project: "tools.example", level: "standard" });
  const { event_id, timestamp, ...event } = batch?.events[0] ?? {};
  expect(event_id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(timestamp).toBeLessThanOrEqual(batch?.sent_at as number);
  expect(event).toEqual({
    tool: "search",
    status: "success",
    version: "1.2.0",
    service: "indexer",
    duration_ms: 12.5,
    cache_hit: false,
  });
});

class NamedError extends Error {
  constructor(name: string) {
    super("secret detail");
    this.name = name;
  }
}

test.each<[string, unknown, string, string]>([
  ["an error", new NamedError("ParseError"), "error", "ParseError"],
  ["a timeout", new NamedError("TimeoutError"), "timeout", "TimeoutError"],
  ["an aborted signal", new NamedError("AbortError"), "cancelled", "AbortError"],
  ["a name that says too much", new NamedError("a b@c.example"), "error", "Error"],
  ["no error at all", undefined, "error", "Error"],
])("a tool that fails with %s fails as before", async (_, thrown, status, errorType) => {
  const server = await stub();
  const telemetry = begin(server.url);
  const sync = telemetry.tool("sync", () => {
    throw thrown;
  });
  const asynchronous = telemetry.tool("async", async () => {
    throw thrown;
  });
  let caught: unknown = "nothing";
  try {
    sync();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBe(thrown);
  await expect(asynchronous()).rejects.toBe(thrown);
  await telemetry.flush();
  expect(server.events().map(({ tool, status, error_type }) => [tool, status, error_type])).toEqual(
    [
      ["sync", status, errorType],
      ["async", status, errorType],
    ],
  );
  expect(JSON.stringify(server.batches)).not.toContain("secret");
});

test("a wrapped function keeps its name, arity, this and result", async () => {
  const server = await stub();
  const telemetry = begin(server.url);
  const host = {
    factor: 3,
    times: telemetry.tool("times", function times(this: { factor: number }, value: number) {
      return this.factor * value;
    }),
  };
  expect([host.times.name, host.times.length, host.times(4)]).toEqual(["times", 1, 12]);
  // biome-ignore lint/suspicious/noThenProperty: a query builder, say, starts when it is waited for.
  const lazy = { then: vi.fn() };
  expect(telemetry.tool("lazy", () => lazy)()).toBe(lazy);
  expect(lazy.then).not.toHaveBeenCalled();
  const answer = { isError: true, content: [] };
  expect(await telemetry.tool("mcp", async () => answer)()).toBe(answer);
  await telemetry.flush();
  expect(server.events().map(({ tool, status }) => [tool, status])).toEqual([
    ["times", "success"],
    ["lazy", "success"],
    ["mcp", "error"],
  ]);
});

test("many calls leave in batches of a hundred", async () => {
  const server = await stub();
  const telemetry = begin(server.url);
  for (let number = 0; number < 251; number++) telemetry.record({ tool: `tool-${number}` });
  await telemetry.flush();
  expect(server.batches.map(({ events }) => events.length)).toEqual([100, 100, 51]);
});

test.each([
  ["garbage", "\u0000\u0001 not http at all\r\n\r\n"],
  ["nothing", ""],
  ["503", reply(503, "retry-after: 0\r\n")],
  ["429", reply(429, "retry-after: soon\r\n")],
  ["a redirect", reply(302, "location: http://192.0.2.1/\r\n")],
  ["a portal", reply(200, "", "<html>Please sign in to this network</html>")],
  ["404", reply(404)],
])("%s is no answer, and asked for again with the same id", async (_, answer) => {
  const server = await stub(answer);
  const telemetry = begin(server.url);
  telemetry.record({ tool: "search" });
  await server.requests(2);
  const ids = server.events().map(({ event_id }) => event_id);
  expect(new Set(ids).size).toBe(1);
});

test.each([202, 207, 400, 401, 403, 413, 422])("%d is final", async (status) => {
  const server = await stub(reply(status));
  const telemetry = begin(server.url);
  telemetry.record({ tool: "first" });
  expect(await telemetry.flush()).toBe(true);
  telemetry.record({ tool: "second" });
  await telemetry.flush();
  expect(server.events().map(({ tool }) => tool)).toEqual(["first", "second"]);
});

test("a server that never answers holds up nobody", async () => {
  const server = await stub(null);
  const telemetry = begin(server.url);
  telemetry.record({ tool: "search" });
  await server.requests(1);
  // The request is under way and stays so: the host's work goes on beside it.
  expect(telemetry.tool("other", () => "done")()).toBe("done");
  await telemetry.close();
});

test("memory is bounded: the oldest events go", async () => {
  const server = await stub(reply(503));
  const telemetry = begin(server.url);
  telemetry.record({ tool: "first" });
  expect(await telemetry.flush()).toBe(false);
  for (let number = 0; number < WAITING_EVENTS_MAX + 10; number++) {
    telemetry.record({ tool: `tool-${number}` });
  }
  expect(await telemetry.flush()).toBe(true);
  const tools = server.events().map(({ tool }) => tool);
  expect(tools.slice(0, 2)).toEqual(["first", "tool-10"]);
  expect(tools).toHaveLength(1 + WAITING_EVENTS_MAX);
});

test("what a process could not send the next one sends", async () => {
  const first = begin(await closedPort(), { spoolDir: folder });
  first.record({ tool: "left" });
  await first.close();
  const server = await stub();
  const second = begin(server.url, { spoolDir: folder });
  second.record({ tool: "new" });
  expect(await second.flush()).toBe(true);
  expect(
    server
      .events()
      .map(({ tool }) => tool)
      .sort(),
  ).toEqual(["left", "new"]);
  expect(readdirSync(folder)).toEqual([]);
});

test("the spool is bounded and skips what is old or spoilt", async () => {
  const spool = createSpool(folder);
  writeFileSync(join(folder, "almanac-000000000000001-x.json"), "[]");
  writeFileSync(join(folder, "someone-elses.json"), "{}");
  for (let batch = 0; batch < SPOOL_FILES_MAX + 3; batch++) await spool.put([]);
  const names = await spool.batches();
  expect(names).toHaveLength(SPOOL_FILES_MAX);
  writeFileSync(join(folder, names[0] as string), "{");
  expect(await spool.load(names[0] as string)).toEqual([]);
  expect(readdirSync(folder)).toHaveLength(SPOOL_FILES_MAX + 1);
  expect(readFileSync(join(folder, "someone-elses.json"), "utf8")).toBe("{}");
});

test("a spool that cannot be written is no error", async () => {
  writeFileSync(join(folder, "file"), "");
  const telemetry = begin(await closedPort(), { spoolDir: join(folder, "file") });
  telemetry.record({ tool: "search" });
  expect(await telemetry.flush()).toBe(false);
  await telemetry.close();
});

test.each<[string, Partial<Options>, boolean]>([
  ["1", {}, false],
  ["true", { enabled: true }, false],
  ["", { enabled: false }, false],
  ["0", {}, true],
  ["", {}, true],
])("with DO_NOT_TRACK=%j and %j, something is sent: %s", async (wish, options, isSent) => {
  vi.stubEnv("DO_NOT_TRACK", wish);
  const server = await stub();
  const telemetry = begin(server.url, options);
  telemetry.record({ tool: "search" });
  expect(telemetry.tool("other", () => 7)()).toBe(7);
  await telemetry.flush();
  expect(server.events().length > 0).toBe(isSent);
});

test("backoff doubles to thirty seconds, less up to half", () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect([0, 1, 2, 3, 4, 5, 99].map(backoffMs)).toEqual(
    [1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1_000),
  );
  vi.spyOn(Math, "random").mockReturnValue(1);
  expect(backoffMs(0)).toBe(500);
});
