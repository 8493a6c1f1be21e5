// What visitors, tools and colleagues can have written down never becomes a script on anybody's
// screen: every payload in every field that is shown, and in the addresses of the dashboard itself.

import type { Page } from "@playwright/test";
import type { Almanac, Project } from "../support/almanac.ts";
import { ask } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import { PAYLOADS } from "../support/payloads.ts";
import { complaints, open, signedInRoutes } from "../support/routes.ts";

const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/** Breakdowns whose values visitors choose. */
const BREAKDOWNS = [
  "top",
  "entry",
  "exit",
  "source",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_term",
  "utm_content",
  "events",
];

/** Watches a page for anything that ran, was refused, or asked for the attacker's host. */
async function watched(page: Page): Promise<{ found(): Promise<string[]> }> {
  const complained = complaints(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).hostname === "evil.example")
      asked.push(`asked for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    asked.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.addInitScript(() => {
    Object.assign(window, { ran: [] });
  });
  return {
    found: async () => {
      const ran = await page.evaluate(() => (window as unknown as { ran: number[] }).ran);
      const payloads = ran.map((number) => `ran: ${PAYLOADS[number]}`);
      return [...payloads, ...asked.splice(0), ...complained.splice(0)];
    },
  };
}

async function post(almanac: Almanac, path: string, body: object, visitor: number): Promise<void> {
  const answer = await fetch(almanac.origin + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": AGENT,
      "x-forwarded-for": `198.18.${visitor >> 8}.${visitor & 255}`,
    },
    body: JSON.stringify(body),
  });
  // A field that must be a word may be refused; nothing may break.
  expect([200, 202, 400, 422], `${path} ${JSON.stringify(body)}`).toContain(answer.status);
}

/** One visit for each payload, with it in every field that there is. */
async function send(almanac: Almanac, { domain }: Project): Promise<void> {
  for (const [number, payload] of PAYLOADS.entries()) {
    const text = encodeURIComponent(payload);
    const utm = ["source", "medium", "campaign", "term", "content"];
    const query = utm.map((name) => `utm_${name}=${text}`).join("&");
    const page = {
      u: `https://${domain}/${text}?${query}`,
      r: `https://from.example/${text}`,
      t: payload,
      l: payload,
      s: payload,
    };
    const props = { plan: payload, [payload]: "x" };
    await post(almanac, "/api/event", { n: "pageview", ...page }, number);
    await post(almanac, "/api/event", { n: payload, ...page, p: props }, number);
    await post(almanac, "/api/event", { n: "error", ...page, p: { message: payload } }, number);
    const call = { kind: "tool_call", tool: payload, status: "success", model: payload };
    await post(almanac, "/v1/events", { site: domain, events: [call] }, number);
  }
}

test("nothing that a visitor sends is ever run", async ({ dashboard, almanac, project }) => {
  test.setTimeout(300_000);
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(150);
  await send(almanac, project);
  await expect
    .poll(async () => {
      const rows = await ask(almanac, project, { metrics: ["pageviews"] });
      return rows[0]?.metrics[0] ?? 0;
    })
    .toBeGreaterThan(PAYLOADS.length / 2);
  const watch = await watched(dashboard);
  for (const { name, path } of signedInRoutes(project.id)) {
    await open(dashboard, path);
    expect.soft(await watch.found(), name).toEqual([]);
  }
  for (const id of BREAKDOWNS) {
    await open(dashboard, `/projects/${project.id}?period=day&details=${id}`);
    const next = dashboard.getByRole("button", { name: "Next page" });
    await expect(next).toBeVisible();
    while (await next.isEnabled()) {
      await next.click();
      await expect(dashboard.getByText("Loading", { exact: true })).toHaveCount(0);
    }
    expect.soft(await watch.found(), id).toEqual([]);
  }
});

test("nothing in an address is ever run, or leads elsewhere", async ({
  dashboard,
  almanac,
  project,
}) => {
  test.setTimeout(300_000);
  const watch = await watched(dashboard);
  for (const payload of PAYLOADS) {
    const text = encodeURIComponent(payload);
    const value = payload.replace(/[%,]/g, encodeURIComponent);
    const filter = encodeURIComponent(`is,event:page,${value}`);
    const paths = [
      `/projects/${project.id}?period=${text}&details=${text}&f=${filter}&f=${text}#${text}`,
      `/login?next=${text}&to=${text}#token=${text}`,
    ];
    for (const path of paths) {
      await dashboard.goto(path);
      expect(new URL(dashboard.url()).origin).toBe(almanac.origin);
    }
    expect.soft(await watch.found(), payload).toEqual([]);
  }
});
