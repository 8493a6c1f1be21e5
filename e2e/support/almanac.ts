// Owns a running `almanac` of its own for a test: started on a free port with an empty data
// directory, ready before it is handed over, stopped by its own process id. Uses the public API only.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serve } from "./http.ts";

const BINARY =
  process.env.ALMANAC_BIN ?? fileURLToPath(new URL("../../target/debug/almanac", import.meta.url));
const START_MS_MAX = 60_000;

export const OWNER = { email: "owner@shop.example", password: "correct horse battery staple" };

export interface Almanac {
  origin: string;
  /** The one-time link that a fresh server prints. */
  setupLink: string;
  stop(): Promise<void>;
  /** Ends the process as a power cut would; `restart` starts it again over the same data. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export interface Project {
  id: string;
  domain: string;
  snippet: string;
  statsKey: string;
}

interface Wish {
  /** Whether the demo's year is in it. */
  demo?: boolean;
  /** Variables beside those that every test needs. */
  settings?: Record<string, string>;
}

/** Starts `almanac serve` over an empty data directory, or over one with the demo's year in it. */
export async function startAlmanac({ demo = false, settings }: Wish = {}): Promise<Almanac> {
  const dataDir = await mkdtemp(join(tmpdir(), "almanac-e2e-"));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const env = { ALMANAC_DATA_DIR: dataDir, ALMANAC_LISTEN: `127.0.0.1:${port}`, ...settings };
  if (demo) await promisify(execFile)(BINARY, ["demo"], { env });
  const serve = () => spawn(BINARY, ["serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let child = serve();
  const output = record(child);
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  const stop = async (): Promise<void> => {
    await end("SIGTERM");
    await rm(dataDir, { recursive: true, force: true });
  };
  const isReady = async (): Promise<boolean> =>
    (await fetch(`${origin}/readyz`).catch(() => undefined))?.ok ?? false;
  try {
    const setupLink = await within(START_MS_MAX, output, async () =>
      (await isReady()) ? /http:\/\/\S*set-?up\S*/i.exec(output.text)?.[0] : undefined,
    );
    return {
      origin,
      setupLink,
      stop,
      kill: () => end("SIGKILL"),
      restart: async () => {
        child = serve();
        const again = record(child);
        await within(START_MS_MAX, again, async () => (await isReady()) || undefined);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes the owner of a fresh server; answers with the session's cookie. */
export async function setUpOwner(almanac: Almanac): Promise<string> {
  const link = new URL(almanac.setupLink);
  const token =
    link.searchParams.get("token") ?? new URLSearchParams(link.hash.slice(1)).get("token");
  const answer = await call(almanac, "POST", "/api/setup", { token, ...OWNER, name: "Owner" });
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  return cookies.join("; ");
}

export async function addProject(almanac: Almanac, cookie: string, host: string): Promise<Project> {
  const wish = { name: host, hosts: [host], time_zone: "Europe/Berlin" };
  const answer = await call(almanac, "POST", "/api/projects", wish, cookie);
  const { project, keys, snippet } = (await answer.json()) as {
    project: { id: string; domain: string };
    keys: { stats: string };
    snippet: string;
  };
  return { id: project.id, domain: project.domain, snippet, statsKey: keys.stats };
}

export interface Row {
  metrics: (number | null)[];
  dimensions: string[];
}

/** Asks a question with the project's stats key. */
export async function ask(almanac: Almanac, project: Project, question: object): Promise<Row[]> {
  const answer = await fetch(`${almanac.origin}/api/v2/query`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${project.statsKey}` },
    body: JSON.stringify({ site_id: project.domain, date_range: "day", ...question }),
  });
  if (!answer.ok) throw new Error(`question refused: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { results: Row[] }).results;
}

async function call(
  { origin }: Almanac,
  method: string,
  path: string,
  body: object,
  cookie = "",
): Promise<Response> {
  const headers = { "content-type": "application/json", origin, cookie };
  const answer = await fetch(origin + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Collects what the process says, and that it ended, for the message of a failed start. */
function record(child: ChildProcess): { text: string } {
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output.text += chunk;
    });
  }
  child.on("error", (error) => {
    output.text += `${error.message}; build the server, or name one in ALMANAC_BIN`;
  });
  child.on("exit", (code) => {
    output.text += `\nexited with ${code}`;
  });
  return output;
}

/** Asks again until there is an answer: the start of another process offers nothing to wait for. */
async function within<T>(
  limitMs: number,
  output: { text: string },
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const result = await attempt();
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${BINARY} was not ready after ${limitMs} ms; it said:\n${output.text}`);
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = await serve(() => undefined);
  await server.close();
  return server.port;
}
