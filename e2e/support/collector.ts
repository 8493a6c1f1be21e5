// Owns a stand-in for the server where a test is about the SDK alone: it serves the built script,
// keeps what was sent, and answers as the test says.

import { readFileSync } from "node:fs";
import { readBody, serve } from "./http.ts";

/** Fields the tests look at; docs/api.md has them all. */
export interface SentEvent {
  n: string;
  u: string;
  k?: string;
  i?: boolean;
  d?: string;
  r?: string;
  p?: Record<string, string | number>;
  id: string;
  e?: number;
  sd?: number;
  at: number;
  sent_at: number;
  t?: string;
  z?: string;
  s?: string;
}

export interface Collector {
  origin: string;
  /** Every event that was received, repeated ones included. */
  events: SentEvent[];
  /** Method and content type of every request for `/api/event`. */
  requests: string[];
  /** Status of the next answers; 202 while undefined. */
  status: number | undefined;
  close(): Promise<void>;
}

const SDK = new URL("../../sdk/browser/dist/", import.meta.url);

export async function startCollector(): Promise<Collector> {
  const server = await serve(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    const script = /^\/js\/(almanac[.\w]*\.js)$/.exec(request.url ?? "")?.[1];
    if (script) {
      response.setHeader("content-type", "text/javascript");
      response.end(readFileSync(new URL(script, SDK)));
      return;
    }
    const body = await readBody(request);
    collector.requests.push(`${request.method} ${request.headers["content-type"]}`);
    if (collector.status === undefined) collector.events.push(...(JSON.parse(body) as SentEvent[]));
    response.writeHead(collector.status ?? 202).end("ok");
  });
  const collector: Collector = {
    origin: `http://stats.example:${server.port}`,
    events: [],
    requests: [],
    status: undefined,
    close: server.close,
  };
  return collector;
}
