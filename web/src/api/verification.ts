// Whether a project's hosts are its people's own.

import { request } from "./client";

/** A host, and what would show that it is one's own. */
export interface VerifiedHost {
  host: string;
  /** What showed it; null as long as nothing has. */
  proof: "file" | "meta" | "snippet" | null;
  verified_at: string | null;
  file: { address: string; text: string };
  meta: string;
}

/** What came of a look. */
export interface HostLookedAt {
  found: VerifiedHost["proof"];
  tried: { address: string; outcome: string }[];
  hosts: VerifiedHost[];
}

const verificationOf = (project: string) =>
  `/api/projects/${encodeURIComponent(project)}/verification`;

export const verification = {
  hosts: (project: string, signal?: AbortSignal) =>
    request<{ hosts: VerifiedHost[] }>("GET", verificationOf(project), undefined, signal),
  verify: (project: string, host: string) =>
    request<HostLookedAt>("POST", verificationOf(project), { host }),
};
