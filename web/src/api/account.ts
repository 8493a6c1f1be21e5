// Accounts, members, keys of the instance and the audit log, as docs/openapi.json describes them.

import { request } from "./client";
import type { User } from "./types";

export type RoleName = "owner" | "admin" | "editor" | "viewer";
export type Reach = "all" | "granted";

export interface Account {
  id: string;
  email: string;
  name: string;
  role: RoleName;
  reach: Reach;
  second_factor: boolean;
  recovery_codes_left: number;
  /** Null where people cannot sign in through a provider. */
  provider_linked: boolean | null;
  created_at: string;
}

export interface SessionEntry {
  id: string;
  kind: "browser" | "program";
  name: string;
  device: string;
  place: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  is_this: boolean;
}

export interface QrCode {
  /** Modules along each side, without the margin. */
  size: number;
  /** The `d` of an SVG path; a module is one unit wide. */
  path: string;
}

export interface Enrolment {
  secret: string;
  uri: string;
  qr: QrCode | null;
}

export interface MailState {
  waiting: number;
  sent: number;
  failed: number;
  trouble: string | null;
}

export interface Grant {
  project: string;
  role: RoleName;
}

export interface Member {
  id: string;
  email: string;
  name: string;
  role: RoleName;
  reach: Reach;
  grants: Grant[];
  second_factor: boolean;
  created_at: string;
  disabled_at: string | null;
}

export interface Invitation {
  id: string;
  email: string;
  role: RoleName;
  reach: Reach;
  created_at: string;
  expires_at: string;
}

export interface InstanceKey {
  id: string;
  project: string | null;
  scope: "ingest" | "stats:read" | "project:write" | "admin";
  prefix: string;
  name: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  actor_name: string;
  place: string;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
}

export interface Verdict {
  is_sound: boolean;
  entries: number;
  head: string;
  broken_at: string | null;
  reason: string | null;
}

export interface AuditFilter {
  actor: string;
  action: string;
  /** Only entries before the one with this id. */
  before?: string;
}

export interface MemberChange {
  role?: RoleName;
  reach?: Reach;
  grants?: Grant[];
  disabled?: boolean;
}

export interface NewInvitation {
  email: string;
  role: RoleName;
  reach: Reach;
  grants: Grant[];
}

const FACTOR = "/api/account/second-factor";
const member = (id: string) => `/api/team/${encodeURIComponent(id)}`;

/** The filter as a query; what is empty is left out. */
export function auditQuery(filter: AuditFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  const text = query.toString();
  return text && `?${text}`;
}

export const account = {
  read: (signal: AbortSignal) => request<Account>("GET", "/api/account", undefined, signal),
  rename: (name: string) => request<Account>("PATCH", "/api/account", { name }),
  changePassword: (body: { password: string; new_password: string }) =>
    request<void>("POST", "/api/account/password", body),
  startProvider: (purpose: "sign_in" | "link") =>
    request<{ url: string }>("POST", "/api/oidc/start", { purpose }),
  unlinkProvider: () => request<void>("DELETE", "/api/account/provider"),
  beginFactor: (password: string) => request<Enrolment>("POST", FACTOR, { password }),
  confirmFactor: (code: string) => request<{ recovery_codes: string[] }>("PUT", FACTOR, { code }),
  removeFactor: (body: { password: string; code: string }) =>
    request<void>("POST", `${FACTOR}/remove`, body),
  renewCodes: (body: { password: string; code: string }) =>
    request<{ recovery_codes: string[] }>("POST", `${FACTOR}/recovery-codes`, body),
  sessions: (signal: AbortSignal) =>
    request<{ sessions: SessionEntry[] }>("GET", "/api/account/sessions", undefined, signal),
  endSession: (id: string) => request<void>("DELETE", `/api/account/sessions/${id}`),
  endOthers: () => request<{ ended: number }>("DELETE", "/api/account/sessions"),

  forgot: (email: string) => request<void>("POST", "/api/reset", { email }),
  reset: (body: { token: string; password: string }) =>
    request<void>("POST", "/api/reset/complete", body),
  invitation: (token: string, signal: AbortSignal) =>
    request<Invitation>("POST", "/api/invitation", { token }, signal),
  join: (body: { token: string; name?: string; password: string }) =>
    request<{ user: User }>("POST", "/api/invitation/accept", body),

  team: (signal: AbortSignal) =>
    request<{ members: Member[]; invitations: Invitation[]; mail: MailState | null }>(
      "GET",
      "/api/team",
      undefined,
      signal,
    ),
  changeMember: (id: string, change: MemberChange) =>
    request<{ member: Member }>("PATCH", member(id), change),
  removeMember: (id: string) => request<void>("DELETE", member(id)),
  endMemberSessions: (id: string) => request<void>("DELETE", `${member(id)}/sessions`),
  resetMember: (id: string) => request<{ link: string }>("POST", `${member(id)}/reset`),
  invite: (body: NewInvitation) =>
    request<{ link: string; mailed: boolean }>("POST", "/api/team/invitations", body),
  withdraw: (id: string) => request<void>("DELETE", `/api/team/invitations/${id}`),

  keys: (signal: AbortSignal) =>
    request<{ keys: InstanceKey[] }>("GET", "/api/keys", undefined, signal),
  createKey: (body: { name?: string; expires_at?: string }) =>
    request<{ key: string }>("POST", "/api/keys", body),
  revokeKey: (id: string) => request<void>("DELETE", `/api/keys/${id}`),

  audit: (filter: AuditFilter, signal: AbortSignal) =>
    request<{ entries: AuditEntry[]; has_more: boolean }>(
      "GET",
      `/api/audit${auditQuery(filter)}`,
      undefined,
      signal,
    ),
  verifyAudit: () => request<Verdict>("GET", "/api/audit/verify"),
};
