// A Vite plugin that answers the API from made-up data, for `npm run dev` and `npm run preview`.
// Set ALMANAC_BACKEND=http://127.0.0.1:8000 to use a real server instead.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import type { FunnelBody, JourneyBody, RetentionBody } from "../src/api/behaviour";
import type { Goal, Inventory, NewGoal } from "../src/api/saved";
import type { ApiKey, Health, NewProject, Project, QueryBody } from "../src/api/types";
import { funnel, journey, retention } from "./mock-behaviour";
import { live, PROJECTS } from "./mock-data";
import {
  accuracy,
  anomalies,
  change,
  forecast,
  holidays,
  trainings,
  trend,
} from "./mock-predictions";
import { answer } from "./mock-query";

/** As strict as the real server's, so that a preview breaks where the product would. */
const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

interface World {
  signedIn: boolean;
  setupNeeded: boolean;
  projects: Project[];
  keys: ApiKey[];
  goals: Goal[];
}

const INVENTORY: Inventory = {
  properties: [
    { name: "plan", events: 18_204 },
    { name: "product", events: 9_112 },
    { name: "colour", events: 1_290 },
  ],
};

export function mockApi(): Plugin {
  const world: World = {
    signedIn: true,
    setupNeeded: process.env.MOCK_SETUP === "1",
    projects: process.env.MOCK_EMPTY === "1" ? [] : [...PROJECTS],
    keys: [
      key("k1", "stats:read", "alm_7fQ2", "Weekly report", "2026-11-20T06:00:00Z"),
      key("k2", "ingest", "alm_Zk9d", "", null),
    ],
    goals: [
      { id: "1", name: "Purchase", definition: { kind: "revenue", event: "Purchase" } },
      { id: "2", name: "Reads the journal", definition: { kind: "page", page: "/journal/*" } },
      { id: "3", name: "Newsletter", definition: { kind: "event", event: "Newsletter" } },
    ],
  };
  const handle: Connect.NextHandleFunction = (req, res, next) => {
    if (!req.url?.startsWith("/api/")) return next();
    void route(world, req, res);
  };
  return {
    name: "almanac-mock-api",
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => {
      server.middlewares.use((_req, res, next) => {
        res.setHeader("content-security-policy", POLICY);
        next();
      });
      server.middlewares.use(handle);
    },
  };
}

function key(
  id: string,
  scope: ApiKey["scope"],
  prefix: string,
  name: string,
  last_used_at: string | null,
): ApiKey {
  const created_at = "2025-09-01T08:00:00Z";
  return { id, project: "1", scope, prefix, name, created_at, expires_at: null, last_used_at };
}

const OWNER = {
  user: { id: "1", email: "ada@harbour.example", name: "Ada Marsh", role: "owner", reach: "all" },
};

const snippetOf = (project: Project) =>
  `<script defer data-domain="${project.domain}" src="https://stats.harbour.example/js/almanac.js"></script>`;

/** Questions about what visitors do one after the other, by path. */
const BEHAVIOUR: Record<string, (body: unknown) => unknown> = {
  "/api/v2/funnel": (body) => funnel(body as FunnelBody),
  "/api/v2/retention": (body) => retention(body as RetentionBody, new Date()),
  "/api/v2/journey": (body) => journey(body as JourneyBody),
};

async function route(world: World, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = (req.url ?? "").split("?")[0] ?? "";
  const [, id, rest = ""] = /^\/api\/projects\/([^/]+)\/?(.*)$/.exec(path) ?? [];
  const method = req.method ?? "GET";
  if (path === "/api/v2/query")
    return send(res, 200, answer((await read(req)) as QueryBody, new Date()));
  if (path === "/api/predictions/holidays" && method === "PUT")
    return send(res, 200, holidays(((await read(req)) as { country: string | null }).country));
  if (path.startsWith("/api/predictions/")) return prediction(path, req, res);
  if (path === "/api/v2/inventory") return send(res, 200, INVENTORY);
  const asked = BEHAVIOUR[path];
  if (asked) return send(res, 200, asked(await read(req)));
  if (path === "/api/setup") {
    if (method === "POST") world.setupNeeded = false;
    return send(
      res,
      method === "POST" ? 201 : 200,
      method === "POST" ? OWNER : { needed: world.setupNeeded },
    );
  }
  if (path === "/api/session") return session(world, method, res);
  if (path === "/api/projects") {
    if (method === "POST") return create(world, (await read(req)) as NewProject, res);
    return send(res, 200, { projects: world.projects });
  }
  const project = world.projects.find((candidate) => candidate.id === id);
  if (!project) return send(res, 404, { error: `project ${id} does not exist or is not yours` });
  if (rest === "" && method === "PATCH") {
    Object.assign(project, await read(req));
    return send(res, 200, { project });
  }
  if (rest === "") return send(res, 200, { project, snippet: snippetOf(project) });
  if (rest === "health") return send(res, 200, health());
  if (rest === "realtime") return send(res, 200, live(project.id, Math.floor(Date.now() / 1000)));
  if (rest === "live") return stream(project, res);
  if (rest.startsWith("saved/goals")) return goals(world, method, rest, req, res);
  return keys(world, method, rest, req, res);
}

function prediction(path: string, req: IncomingMessage, res: ServerResponse): void {
  const params = new URLSearchParams((req.url ?? "").split("?")[1]);
  const [, name = "", version, action] = path.split("/").slice(2);
  if (req.method === "POST") {
    change(action ?? name, Number(version), Date.now());
    send(res, action ? 204 : 202, action ? undefined : {});
  } else if (name === "accuracy") send(res, 200, accuracy(params, new Date()));
  else if (name === "trainings") send(res, 200, trainings(Date.now()));
  else if (name === "anomalies") send(res, 200, anomalies(params, new Date()));
  else if (name === "trend") send(res, 200, trend());
  else if (name === "holidays") send(res, 200, holidays());
  else send(res, 200, forecast(params, new Date()));
}

function session(world: World, method: string, res: ServerResponse): void {
  if (method === "DELETE") {
    world.signedIn = false;
    send(res, 204);
    return;
  }
  if (method === "POST") world.signedIn = true;
  if (world.signedIn) send(res, 200, OWNER);
  else send(res, 401, { error: "you are signed out" });
}

function create(world: World, body: NewProject, res: ServerResponse): void {
  const project: Project = {
    ...body,
    id: String(world.projects.length + 1),
    domain: body.hosts[0] ?? "",
    identity: "cookieless",
    created_at: new Date().toISOString(),
    first_event_at: null,
    query_parameters: [],
  };
  world.projects.push(project);
  const secrets = { ingest: "alm_9dKq27vXw5LrTb3HnYc8", stats: "alm_Qm4ZpE6sJf1UgR0aVt2W" };
  send(res, 201, { project, keys: secrets, snippet: snippetOf(project) });
}

async function goals(
  world: World,
  method: string,
  rest: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (method === "DELETE") {
    world.goals = world.goals.filter((goal) => `saved/goals/${goal.id}` !== rest);
    return send(res, 204);
  }
  if (method === "POST") {
    const goal = { id: String(Date.now()), ...((await read(req)) as NewGoal) };
    world.goals.push(goal);
    return send(res, 201, { saved: goal });
  }
  send(res, 200, { saved: world.goals });
}

async function keys(
  world: World,
  method: string,
  rest: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (method === "DELETE") {
    world.keys = world.keys.filter((candidate) => `keys/${candidate.id}` !== rest);
    return send(res, 204);
  }
  if (method === "POST") {
    const { scope, name } = (await read(req)) as { scope: ApiKey["scope"]; name?: string };
    const made = key(`k${Date.now()}`, scope, "alm_N3w5", name ?? "", null);
    world.keys.push(made);
    return send(res, 201, { ...made, key: "alm_N3w5Xb7TqLc2RfVh8ZyK" });
  }
  send(res, 200, { keys: world.keys });
}

/** Live numbers; a project without an event gets its first one after a few seconds. */
function stream(project: Project, res: ServerResponse): void {
  res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const began = Date.now();
  const push = () => {
    if (!project.first_event_at && Date.now() - began > 6_000) {
      project.first_event_at = new Date().toISOString();
    }
    const data = live(project.id, Math.floor(Date.now() / 1000));
    const quiet = {
      visitors: 0,
      events_last_minute: 0,
      pages: [],
      sources: [],
      last_event_at: null,
    };
    const shown = project.first_event_at
      ? data
      : { ...data, ...quiet, minutes: data.minutes.map(() => 0) };
    res.write(
      `event: live\ndata: ${JSON.stringify({ ...shown, first_event_at: project.first_event_at })}\n\n`,
    );
  };
  push();
  const timer = setInterval(push, 2_000);
  res.on("close", () => clearInterval(timer));
}

function health(): Health {
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
  return {
    since: "2026-11-14T07:00:00Z",
    received: 184_392,
    accepted: 179_120,
    duplicate: 318,
    refused: [
      {
        reason: "bot",
        count: 4_611,
        explanation: "The user agent belongs to a known crawler.",
        remedy: "Nothing to do, unless it is your own monitor: give it a browser’s user agent.",
      },
      {
        reason: "unknown_host",
        count: 343,
        explanation: "The page’s host is not one of the project’s hosts.",
        remedy: "Add the host in the settings if it is yours.",
      },
    ],
    unknown_domain: 27,
    unattributed: [
      {
        reason: "unknown_project",
        count: 27,
        explanation: "No project has the domain or key that the event names.",
        remedy: "Compare the domain in the snippet with the project’s.",
      },
      {
        reason: "unreadable",
        count: 6,
        explanation: "The request’s body is not JSON.",
        remedy: "Send JSON with the content type application/json.",
      },
    ],
    recent: [
      {
        at: ago(42),
        reason: "unknown_host",
        detail: "host staging.harbour.example is not one of harbour.example",
      },
      { at: ago(310), reason: "bot", detail: "user agent matches Googlebot" },
      { at: ago(720), reason: "bot", detail: "user agent matches AhrefsBot" },
    ],
    last_event_at: ago(3),
    queue: { pending_events: 12 },
  };
}

async function read(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
}

function send(res: ServerResponse, status: number, body?: unknown): void {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(body === undefined ? undefined : JSON.stringify(body));
}
