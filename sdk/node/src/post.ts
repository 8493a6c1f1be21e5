// Owns the one request the client makes, and what its answer means. Refuses to keep events: whoever
// calls keeps them until the answer is final.

import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { WireEvent } from "./event.ts";
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN, RETRY_AFTER_MS_MAX } from "./limits.ts";
import type { Resolved } from "./options.ts";

/** Whether a batch is done with, and the pause that the server asked for. */
export interface Answer {
  isFinal: boolean;
  retryAfterMs: number;
}

/**
 * Answers after which sending the same again would change nothing: taken, taken in part, refused.
 * Anything else, a 200 of some portal between us and the server included, did not come from it.
 */
const FINAL = new Set([202, 207, 400, 401, 403, 413, 415, 422]);
const NONE: Answer = { isFinal: false, retryAfterMs: 0 };

/** Sends a batch. Never rejects: a broken answer is an answer that did not come. */
export function post(options: Resolved, events: WireEvent[]): Promise<Answer> {
  return new Promise((settle) => {
    try {
      const { endpoint, project, level, key, installationId, requestTimeoutMs } = options;
      const body = JSON.stringify({
        project,
        level,
        installation_id: installationId,
        sent_at: Date.now(),
        events,
      });
      const headers: Record<string, string | number> = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "almanac-telemetry-node",
      };
      if (key) headers.authorization = `Bearer ${key}`;
      const url = new URL(`${endpoint.replace(/\/+$/, "")}/v1/events`);
      const start = url.protocol === "https:" ? requestHttps : requestHttp;
      const request = start(url, { method: "POST", headers, agent: false }, (answer) => {
        const status = answer.statusCode ?? 0;
        settle({ isFinal: FINAL.has(status), retryAfterMs: retryAfterMs(answer.headers) });
        // What else it says does not matter, however long it is.
        answer.destroy();
      });
      // An open socket must not keep the host's process alive.
      request.on("socket", (socket) => socket.unref());
      request.on("error", () => settle(NONE));
      const timer = setTimeout(() => {
        settle(NONE);
        request.destroy();
      }, requestTimeoutMs);
      timer.unref();
      request.on("close", () => clearTimeout(timer));
      request.end(body);
    } catch {
      settle(NONE);
    }
  });
}

/** 1, 2, 4, 8, 16, then 30 seconds, less up to half, so that clients do not return in step. */
export function backoffMs(failures: number): number {
  return Math.min(BACKOFF_MS_MIN * 2 ** failures, BACKOFF_MS_MAX) * (1 - Math.random() / 2);
}

function retryAfterMs(headers: Record<string, unknown>): number {
  const milliseconds = Number(headers["retry-after"]) * 1_000;
  return Math.min(Math.max(milliseconds || 0, 0), RETRY_AFTER_MS_MAX);
}
