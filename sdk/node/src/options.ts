// Owns what a host sets: its meaning, its default, and whether anything may be sent at all. The
// only file that reads the environment.

/** How much an event says; docs/collection.md has the fields of each level. */
export type Level = "minimal" | "standard" | "detailed";
/** How a call ended. */
export type Status = "success" | "error" | "timeout" | "cancelled";

/** How calls are counted. */
export interface Options {
  /** The Almanac server, for instance `https://stats.example`. */
  endpoint: string;
  /** The project: its id, its domain, or one of its hosts. The key's project wins. */
  project: string;
  /** Version of the tool that is counted. */
  version: string;
  /** An ingest key, where the project asks for one. */
  key?: string | undefined;
  /** Fields above the level are left out before they are sent. Default: `standard`. */
  level?: Level | undefined;
  /** Name of the program that the tools belong to. */
  service?: string | undefined;
  /** A UUID that the host keeps for this installation; without one, nobody is recognised. */
  installationId?: string | undefined;
  /** False sends nothing; true does not overrule `DO_NOT_TRACK`. Default: true. */
  enabled?: boolean | undefined;
  /** Folder that keeps unsent events; without one they are lost when the process ends. */
  spoolDir?: string | undefined;
  /** Milliseconds that an event waits for company; the first goes at once. Default: 5,000. */
  flushIntervalMs?: number | undefined;
  /** Milliseconds that the end of the process waits for the server. Default: 200. */
  exitWaitMs?: number | undefined;
  /** Milliseconds that a request waits for the server. Default: 5,000. */
  requestTimeoutMs?: number | undefined;
}

type Defaulted = "level" | "enabled" | "flushIntervalMs" | "exitWaitMs" | "requestTimeoutMs";

/** Options with every default filled in. */
export type Resolved = Options & { [Name in Defaulted]-?: NonNullable<Options[Name]> };

/** Fills in the defaults. */
export function resolve(options: Options): Resolved {
  return {
    ...options,
    level: options.level ?? "standard",
    enabled: options.enabled ?? true,
    flushIntervalMs: options.flushIntervalMs ?? 5_000,
    exitWaitMs: options.exitWaitMs ?? 200,
    requestTimeoutMs: options.requestTimeoutMs ?? 5_000,
  };
}

/** Whether the host or the user of this machine wants nothing to be sent. */
export function isOff({ enabled }: Resolved): boolean {
  const wish = (process.env.DO_NOT_TRACK ?? "").trim().toLowerCase();
  return !enabled || !["", "0", "false"].includes(wish);
}
