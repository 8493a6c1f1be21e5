// Pages made for the browser scripts of other products count on this server: with Plausible's and
// Umami's documented snippets and our small scripts, with posthog-js and Segment's own, unmodified.

import type { Page } from "@playwright/test";
import { build } from "esbuild";
import { type Almanac, ask, type Project } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import { readBody, serve } from "../support/http.ts";
import { type Site, startSite } from "../support/site.ts";

type Counts = Record<string, number>;

async function counted(almanac: Almanac, project: Project): Promise<Counts> {
  const rows = await ask(almanac, project, { metrics: ["events"], dimensions: ["event:name"] });
  const counts = rows.map((row) => [row.dimensions[0], row.metrics[0]]);
  return Object.fromEntries(counts.filter(([name]) => name !== "engagement"));
}

async function properties(almanac: Almanac, project: Project, property: string): Promise<string[]> {
  const dimensions = ["event:name", `event:props:${property}`];
  const rows = await ask(almanac, project, { metrics: ["events"], dimensions });
  return rows
    .map((row) => row.dimensions.join(" "))
    .filter((row) => !row.endsWith("(none)"))
    .sort();
}

/** What every page of the site is left with: two views, a step inside the page, a link that leaves. */
async function visit(page: Page, site: Site): Promise<void> {
  await page.goto(site.url("/"));
  await page.getByRole("link", { name: "Pricing" }).click();
  await page.getByRole("button", { name: "Next step" }).click();
}

const STUB = `window.plausible = window.plausible || function () {
  (window.plausible.q = window.plausible.q || []).push(arguments) }`;

test("Plausible's snippet, its words in the name of the script, calls made early", async ({
  page,
  almanac,
  project,
}) => {
  const name = "script.tagged-events.outbound-links.file-downloads.pageview-props.js";
  const site = await startSite(
    `<script defer data-domain="${project.domain}" event-author="Jo" src="${almanac.origin}/js/${name}"></script>
     <script>${STUB}
       if (location.pathname === "/") plausible("Early", { props: { plan: "pro" } })</script>`,
    project.domain,
  );
  await visit(page, site);
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("link", { name: "Guide" }).click();
  const told = await page.evaluate(
    () =>
      new Promise((callback) => {
        const call = { revenue: { currency: "EUR", amount: 12.5 }, callback };
        (window as unknown as { plausible(name: string, call: object): void }).plausible(
          "Order",
          call,
        );
      }),
  );
  expect(told).toEqual({ status: 202 });
  await page.getByRole("link", { name: "Partner" }).click();
  await page.waitForURL("**/offer?from=shop");
  await expect
    .poll(() => counted(almanac, project))
    .toEqual({
      pageview: 3,
      Early: 1,
      Join: 1,
      Order: 1,
      "File Download": 1,
      "Outbound Link: Click": 1,
    });
  expect(await properties(almanac, project, "plan")).toEqual(["Early pro", "Join pro"]);
  expect(await properties(almanac, project, "author")).toContain("pageview Jo");
  expect(await ask(almanac, project, { metrics: ["visitors", "visits"] })).toEqual([
    { metrics: [1, 1], dimensions: [] },
  ]);
  await site.close();
});

test("Plausible's newer snippet with plausible.init", async ({ page, almanac, project }) => {
  const init = `window.plausible = window.plausible || function () {
      (plausible.q = plausible.q || []).push(arguments) },
    plausible.init = plausible.init || function (i) { plausible.o = i || {} };
    plausible.init({ customProperties: { site: "main" }, formSubmissions: false });
    plausible("Ready")`;
  const site = await startSite(
    `<script async src="${almanac.origin}/js/pa-Ab3_x.js"></script><script>${init}</script>`,
    project.domain,
  );
  await visit(page, site);
  await page.getByRole("button", { name: "Join" }).click();
  await expect.poll(() => counted(almanac, project)).toEqual({ pageview: 3, Ready: 2, Join: 1 });
  expect(await properties(almanac, project, "site")).toContain("Join main");
  await site.close();
});

test("a proxy that renames Plausible's script keeps what its name asked for", async ({
  page,
  almanac,
  project,
}) => {
  const proxy = await serve(async (request, response) => {
    const inner = request.url === "/p/s.js" ? "/js/script.manual.js" : "/api/event";
    const body = request.method === "POST" ? { method: "POST", body: await readBody(request) } : {};
    const headers = { "user-agent": `${request.headers["user-agent"]}` };
    const answer = await fetch(almanac.origin + inner, { ...body, headers });
    response.setHeader("content-type", answer.headers.get("content-type") ?? "text/plain");
    response.setHeader("access-control-allow-origin", "*");
    response.writeHead(answer.status).end(await answer.text());
  });
  const origin = `http://proxy.example:${proxy.port}`;
  const site = await startSite(
    `<script defer data-domain="${project.domain}" data-api="${origin}/p/e" src="${origin}/p/s.js"></script>
     <script>${STUB}
       plausible("pageview", { u: "https://${project.domain}/made/up" })</script>`,
    project.domain,
  );
  await page.goto(site.url("/"));
  const pages = async () =>
    (await ask(almanac, project, { metrics: ["pageviews"], dimensions: ["event:page"] })).map(
      ({ dimensions }) => dimensions[0],
    );
  await expect.poll(pages).toEqual(["/made/up"]);
  await site.close();
  await proxy.close();
});

test("Umami's snippet", async ({ page, almanac, project }) => {
  const site = await startSite(
    `<script defer src="${almanac.origin}/script.js" data-website-id="${project.domain}"></script>`,
    project.domain,
  );
  await visit(page, site);
  await page.getByRole("button", { name: "Join" }).click();
  await page.evaluate(() => {
    type Host = { umami: { track(name: string, data: object): Promise<unknown> } };
    return (window as unknown as Host).umami.track("Order", { plan: "pro", revenue: 12.5 });
  });
  await expect.poll(() => counted(almanac, project)).toEqual({ pageview: 3, Join: 1, Order: 1 });
  expect(await properties(almanac, project, "plan")).toEqual(["Join pro", "Order pro"]);
  await site.close();
});

/** How each library is started, with the server's address and the project's domain filled in. */
const LIBRARIES: Record<string, (endpoint: string, domain: string) => string> = {
  "posthog-js, packed with gzip": (endpoint, domain) => `
    import posthog from "posthog-js";
    posthog.init("${domain}", { api_host: "${endpoint}", persistence: "memory",
      capture_pageview: "history_change", autocapture: false });
    window.order = () => posthog.capture("Order", { plan: "pro" });`,
  "posthog-js, not packed": (endpoint, domain) => `
    import posthog from "posthog-js";
    posthog.init("${domain}", { api_host: "${endpoint}", persistence: "memory",
      capture_pageview: "history_change", autocapture: false, disable_compression: true });
    window.order = () => posthog.capture("Order", { plan: "pro" });`,
  "@segment/analytics-next": (endpoint, domain) => `
    import { AnalyticsBrowser } from "@segment/analytics-next";
    const analytics = AnalyticsBrowser.load({ writeKey: "${domain}", cdnURL: "${endpoint}" });
    analytics.page();
    const original = history.pushState;
    history.pushState = function (...args) { original.apply(this, args); analytics.page(); };
    window.order = () => analytics.track("Order", { plan: "pro" });`,
};

for (const [library, source] of Object.entries(LIBRARIES)) {
  test(`${library}, unmodified`, async ({ page, almanac, project }) => {
    const bundle = await build({
      stdin: { contents: source(almanac.origin, project.domain), resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: "iife",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    const scripts = { "/client.js": bundle.outputFiles[0]?.text ?? "" };
    const head = '<script defer src="/client.js"></script>';
    const site = await startSite(head, project.domain, scripts);
    await page.goto(site.url("/"));
    await page.getByRole("button", { name: "Next step" }).click();
    await page.evaluate(() => void (window as unknown as { order(): unknown }).order());
    const wanted = async () => {
      const { pageview, Order } = await counted(almanac, project);
      return { pageview, Order };
    };
    await expect.poll(wanted, { timeout: 15_000 }).toEqual({ pageview: 2, Order: 1 });
    expect(await properties(almanac, project, "plan")).toEqual(["Order pro"]);
    await site.close();
  });
}
