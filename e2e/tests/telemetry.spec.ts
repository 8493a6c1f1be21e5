// The Node.js client against the real server: what it sends is counted once, also when the server
// was killed in between, and nothing of it is refused at any level.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTelemetry, type Level, type Options } from "../../sdk/node/src/index.ts";
import { ask } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";

test("calls at every level are taken, and those of a dead server once it is back", async ({
  almanac,
  project,
}) => {
  const spoolDir = await mkdtemp(join(tmpdir(), "almanac-spool-"));
  const open = (level: Level, options: Partial<Options> = {}) =>
    createTelemetry({
      endpoint: almanac.origin,
      project: project.domain,
      version: "1.2.0",
      service: "indexer",
      level,
      spoolDir,
      exitWaitMs: 0,
      ...options,
    });
  const counted = async () => (await ask(almanac, project, { metrics: ["events"] }))[0]?.metrics[0];

  for (const level of ["minimal", "standard", "detailed"] as const) {
    const telemetry = open(level);
    telemetry.record({
      tool: `search-${level}`,
      status: "error",
      durationMs: 12.5,
      errorType: "ParseError",
      cacheHit: false,
      parameters: { limit: 3, deep: { wide: true } },
      sessionId: "run-1",
    });
    expect(await telemetry.flush()).toBe(true);
    await telemetry.close();
  }
  await expect.poll(counted).toBe(3);

  await almanac.kill();
  const orphan = open("standard");
  expect(orphan.tool("build", () => "built")()).toBe("built");
  expect(await orphan.flush()).toBe(false);
  await orphan.close();
  expect(await readdir(spoolDir)).toHaveLength(1);
  await almanac.restart();

  const [one, two] = [open("standard"), open("standard")];
  one.record({ tool: "build" });
  two.record({ tool: "build" });
  // Both find the batch that was left, and may both send it.
  await Promise.all([one.flush(), two.flush()]);
  await expect.poll(counted).toBe(6);
  expect(await readdir(spoolDir)).toEqual([]);
  await Promise.all([one.close(), two.close()]);
  await rm(spoolDir, { recursive: true });
});
