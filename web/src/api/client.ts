// Speaks HTTP: one function per endpoint, and one error type with the server's own words.
// It never retries and never caches; TanStack Query does both.

import type {
  ApiKey,
  CreatedProject,
  Health,
  KeyScope,
  Live,
  NewProject,
  Project,
  ProjectChange,
  QueryAnswer,
  QueryBody,
  User,
} from "./types";

/** What the server (or the network) said when a request failed; `status` 0: no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  /** The password was right; a code of the second factor is missing or wrong. */
  readonly needsCode: boolean;

  constructor(status: number, message: string, needsCode = false) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.needsCode = needsCode;
  }
}

/** Longer than the server's own 30 s, so that its answer, which says what to do, comes first. */
export const REQUEST_TIMEOUT_MS = 35_000;

export async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const init: RequestInit = {
    method,
    credentials: "same-origin",
    headers: { accept: "application/json" },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "content-type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, timeout.aborted ? "the server took too long" : "no connection");
  }
  if (!response.ok) throw await errorOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as {
      error?: string;
      errors?: Record<string, string[]>;
      second_factor?: "needed";
    };
    const first = Object.entries(body.errors ?? {})[0];
    const text = body.error ?? (first && `${first[0]}: ${first[1].join(", ")}`);
    if (text) return new ApiError(response.status, text, body.second_factor === "needed");
  } catch {
    // Not our JSON: a proxy answered. The status is all there is to say.
  }
  return new ApiError(response.status, `the server answered ${response.status}`);
}

const project = (id: string) => `/api/projects/${encodeURIComponent(id)}`;

export const api = {
  setupNeeded: (signal: AbortSignal) =>
    request<{ needed: boolean; provider: string | null }>("GET", "/api/setup", undefined, signal),
  setUp: (body: { token: string; email: string; password: string; name?: string }) =>
    request<{ user: User }>("POST", "/api/setup", body),
  signIn: (body: { email: string; password: string; code?: string }) =>
    request<{ user: User }>("POST", "/api/session", body),
  session: (signal: AbortSignal) =>
    request<{ user: User }>("GET", "/api/session", undefined, signal),
  signOut: () => request<void>("DELETE", "/api/session"),

  projects: (signal: AbortSignal) =>
    request<{ projects: Project[] }>("GET", "/api/projects", undefined, signal),
  createProject: (body: NewProject) => request<CreatedProject>("POST", "/api/projects", body),
  project: (id: string, signal: AbortSignal) =>
    request<{ project: Project; snippet: string }>("GET", project(id), undefined, signal),
  updateProject: (id: string, body: ProjectChange) =>
    request<{ project: Project }>("PATCH", project(id), body),

  health: (id: string, signal: AbortSignal) =>
    request<Health>("GET", `${project(id)}/health`, undefined, signal),
  realtime: (id: string, signal?: AbortSignal) =>
    request<Live>("GET", `${project(id)}/realtime`, undefined, signal),
  liveUrl: (id: string) => `${project(id)}/live`,

  keys: (id: string, signal: AbortSignal) =>
    request<{ keys: ApiKey[] }>("GET", `${project(id)}/keys`, undefined, signal),
  createKey: (id: string, body: { scope: KeyScope; name?: string; expires_at?: string }) =>
    request<{ key: string }>("POST", `${project(id)}/keys`, body),
  revokeKey: (id: string, key: string) =>
    request<void>("DELETE", `${project(id)}/keys/${encodeURIComponent(key)}`),

  query: (body: QueryBody, signal?: AbortSignal) =>
    request<QueryAnswer>("POST", "/api/v2/query", body, signal),
};
