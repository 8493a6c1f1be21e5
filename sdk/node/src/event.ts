// Owns the shape of an event on the wire, and which fields a level permits.
// Refuses to judge values; the server does, event by event.

import { randomBytes } from "node:crypto";
import type { Level, Resolved, Status } from "./options.ts";

/** One call as the server reads it; docs/collection.md explains each field. */
export interface WireEvent {
  event_id: string;
  timestamp: number;
  tool: string;
  status: Status;
  version: string;
  service?: string | undefined;
  duration_ms?: number | undefined;
  error_type?: string | undefined;
  cache_hit?: boolean | undefined;
  parameters?: Record<string, unknown> | undefined;
  session_id?: string | undefined;
}

/** What is told of a call beside its name and status. */
export interface Details {
  durationMs?: number | undefined;
  errorType?: string | undefined;
  cacheHit?: boolean | undefined;
  /** A summary of the arguments: texts, numbers and truth values; level `detailed` only. */
  parameters?: Record<string, unknown> | undefined;
  /** Level `detailed` only. */
  sessionId?: string | undefined;
}

const RANK: Record<Level, number> = { minimal: 0, standard: 1, detailed: 2 };

/** Builds an event without the fields that its level does not permit. */
export function buildEvent(
  { level, version, service }: Resolved,
  tool: string,
  status: Status,
  details: Details,
): WireEvent {
  const now = Date.now();
  const event: WireEvent = { event_id: uuid7(now), timestamp: now, tool, status, version };
  if (RANK[level] >= RANK.standard) {
    event.service = service;
    event.duration_ms = details.durationMs;
    event.error_type = details.errorType;
    event.cache_hit = details.cacheHit;
  }
  if (RANK[level] >= RANK.detailed) {
    event.parameters = details.parameters;
    event.session_id = details.sessionId;
  }
  return event;
}

/** A new UUIDv7; `now` is Unix milliseconds. */
export function uuid7(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
