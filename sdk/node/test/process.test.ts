// A command that counts itself prints, exits and ends as it would without, whatever the server
// does; what was not sent is kept. Runs the built package in a process of its own.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { closedPort, startStub } from "./stub.ts";

const PACKAGE = new URL("../dist/index.js", import.meta.url).href;
const STARTS = `
  import { createTelemetry } from ${JSON.stringify(PACKAGE)};
  const [endpoint, spoolDir] = process.argv.slice(1);
  const telemetry = createTelemetry({ endpoint, project: "p", version: "1", spoolDir });
`;
/** Three ways in which programs end. */
const ENDS = {
  "a command": `await telemetry.command("build", () => { console.log("built"); process.exitCode = 3; });`,
  "a program that just ends": `telemetry.tool("build", () => console.log("built"))(); process.exitCode = 3;`,
  "a program that exits": `telemetry.tool("build", () => console.log("built"))(); process.exit(3);`,
};

interface Ended {
  code: number;
  out: string;
  error: string;
}

function run(program: string, ...words: string[]): Promise<Ended> {
  const { DO_NOT_TRACK: _, ...env } = process.env;
  const options = { env, timeout: 60_000 };
  const flags = ["--input-type=module", "--eval", program, ...words];
  return new Promise((settle) => {
    execFile(process.execPath, flags, options, (error, out, problems) =>
      settle({ code: Number(error?.code ?? 0), out, error: problems }),
    );
  });
}

for (const [name, end] of Object.entries(ENDS)) {
  test.each(["up", "silent", "down"])(`${name} with a server that is %s`, async (state) => {
    const server = await startStub(...(state === "silent" ? [null, null] : []));
    const endpoint = state === "down" ? await closedPort() : server.url;
    const folder = mkdtempSync(join(tmpdir(), "almanac-telemetry-"));
    const ended = await run(STARTS + end, endpoint, folder);
    expect(ended).toEqual({ code: 3, out: "built\n", error: "" });
    const kept = readdirSync(folder).flatMap((file) =>
      JSON.parse(readFileSync(join(folder, file), "utf8")),
    );
    // Sent or kept: nothing is lost. The silent server may have it, but has not said so.
    const sure = state === "up" ? [...kept, ...server.events()] : kept;
    expect(new Set(sure.map(({ tool }) => tool))).toEqual(new Set(["build"]));
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
}
