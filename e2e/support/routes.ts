// Owns the list of the dashboard's pages, for the tests that look at every one of them.

import { expect, type Page } from "@playwright/test";

export interface Route {
  name: string;
  path: string;
}

/** Pages that need a session; `id` is the project's. */
export function signedInRoutes(id: string): Route[] {
  return [
    { name: "projects", path: "/" },
    { name: "new project", path: "/projects/new" },
    { name: "overview", path: `/projects/${id}?period=day` },
    { name: "onboarding", path: `/projects/${id}/onboarding` },
    { name: "realtime", path: `/projects/${id}/realtime` },
    { name: "funnels", path: `/projects/${id}/funnels` },
    { name: "retention", path: `/projects/${id}/retention` },
    { name: "journeys", path: `/projects/${id}/journeys` },
    { name: "forecast", path: `/projects/${id}/forecast` },
    { name: "tools and models", path: `/projects/${id}/calls` },
    { name: "health", path: `/projects/${id}/health` },
    { name: "settings", path: `/projects/${id}/settings` },
    ...["profile", "security", "sessions", "team", "keys", "audit"].map((section) => ({
      name: `settings: ${section}`,
      path: `/settings/${section}`,
    })),
    { name: "not found", path: "/nowhere" },
  ];
}

export const SIGNED_OUT_ROUTES: Route[] = [
  { name: "sign in", path: "/login" },
  { name: "set-up", path: "/setup?token=spent" },
  { name: "forgotten password", path: "/forgot" },
  { name: "new password", path: "/reset#token=spent" },
  { name: "invitation without its token", path: "/join" },
  { name: "description of the API", path: "/api-docs" },
];

/** Opens a page and waits until nothing on it is loading any more. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading").first()).toBeVisible();
  await expect(page.getByText("Loading", { exact: true })).toHaveCount(0);
}

/** Collects what the browser complains about: script errors, refused content, failed requests. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // Asking who is signed in is answered with 401 when nobody is; browsers log that by themselves.
    const signedOut = /status of 401/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !signedOut) {
      found.push(`${message.text()} ${message.location().url}`.trim());
    }
  });
  return found;
}
