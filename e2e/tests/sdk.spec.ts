// What the SDK sends from a real browser, to a stand-in for the server.

import { test as base, expect } from "@playwright/test";
import { type Collector, startCollector } from "../support/collector.ts";
import { type Site, startSite } from "../support/site.ts";

const test = base.extend<{ collector: Collector; attributes: string; site: Site }>({
  attributes: ["", { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first pattern.
  collector: async ({}, use) => {
    const collector = await startCollector();
    await use(collector);
    await collector.close();
  },
  site: async ({ collector, attributes }, use) => {
    const src = `${collector.origin}/js/almanac.js`;
    const site = await startSite(
      `<script defer src="${src}" data-domain="shop.example" ${attributes}></script>`,
    );
    await use(site);
    await site.close();
  },
});

/** Name and path of everything received, engagement left out: when it comes is the visitor's affair. */
function seen(collector: Collector): string[] {
  return collector.events
    .filter(({ n }) => n !== "engagement")
    .map(({ n, u }) => `${n} ${new URL(u).pathname}`);
}

test("three clicks, client-side navigation and an outbound link", async ({
  page,
  site,
  collector,
}) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(site.url("/"));
  await page.getByRole("link", { name: "Pricing" }).click();
  await page.getByRole("link", { name: "Docs" }).click();
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("button", { name: "Next step" }).click();
  await expect.poll(() => seen(collector).length).toBe(5);
  await page.getByRole("link", { name: "Partner" }).click();
  await page.waitForURL("**/offer?from=shop");
  await expect
    .poll(() => seen(collector).filter((line) => !line.endsWith("/offer")))
    .toEqual([
      "pageview /",
      "pageview /pricing",
      "pageview /docs",
      "Sign up /docs",
      "pageview /checkout/1",
      "Outbound Link: Click /checkout/1",
    ]);
  const find = (path: string) =>
    collector.events.find(({ n, u }) => n === "pageview" && new URL(u).pathname === path);
  expect(find("/pricing")).toMatchObject({ r: site.url("/"), t: "pricing", z: "Europe/Berlin" });
  expect(find("/checkout/1")).toMatchObject({
    r: site.url("/docs"),
    t: "Step 1",
    d: "shop.example",
  });
  expect(collector.events.find(({ n }) => n === "Sign up")?.p).toEqual({ plan: "pro" });
  const outbound = collector.events.find(({ n }) => n.startsWith("Outbound"));
  expect(outbound?.p?.url).toMatch(/^http:\/\/partner\.example:\d+\/offer$/);
  expect(new Set(collector.requests)).toEqual(new Set(["POST text/plain;charset=UTF-8"]));
  expect(new Set(collector.events.map(({ id }) => id)).size).toBe(collector.events.length);
  expect(errors).toEqual([]);
});

test("nothing is left on the device", async ({ page, site, collector, context }) => {
  await page.goto(site.url("/"));
  await expect.poll(() => seen(collector)).toEqual(["pageview /"]);
  expect(await context.cookies()).toEqual([]);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
});

test("leaving a page tells how far it was read", async ({ page, site, collector }) => {
  await page.goto(site.url("/"));
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForFunction(() => scrollY > 0);
  await page
    .getByRole("link", { name: "Pricing" })
    .evaluate((link) => (link as HTMLElement).click());
  await page.waitForURL("**/pricing");
  const engagement = () => collector.events.find(({ n }) => n === "engagement");
  await expect.poll(engagement).toMatchObject({ u: site.url("/"), sd: 100 });
  expect(engagement()?.e).toBeGreaterThanOrEqual(0);
});

test("client-side navigation closes the engagement of the page before", async ({
  page,
  site,
  collector,
}) => {
  await page.goto(site.url("/"));
  await page.getByRole("button", { name: "Next step" }).click();
  await expect
    .poll(() => collector.events.map(({ n, u }) => `${n} ${new URL(u).pathname}`))
    .toEqual(["pageview /", "engagement /", "pageview /checkout/1"]);
});

test("a page shown again from the back/forward cache is a page view", async ({
  page,
  site,
  collector,
}) => {
  await page.addInitScript(() => {
    type Page = { almanac: { track(name: string): void } };
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) (window as unknown as Page).almanac.track("Restored");
    });
  });
  await page.goto(site.url("/"));
  await page.goto(site.url("/pricing"));
  // A restored page does not load, so there is nothing more to wait for than the navigation.
  await page.goBack({ waitUntil: "commit" });
  await expect
    .poll(() => seen(collector).sort())
    .toEqual(["Restored /", "pageview /", "pageview /", "pageview /pricing"]);
});

test("a server that fails for a while gets every event, with the same id", async ({
  page,
  site,
  collector,
}) => {
  collector.status = 503;
  await page.goto(site.url("/"));
  await expect.poll(() => collector.requests.length).toBeGreaterThan(0);
  collector.status = undefined;
  await expect.poll(() => seen(collector)).toEqual(["pageview /"]);
  const [view] = collector.events;
  expect(view?.sent_at).toBeGreaterThan(view?.at as number);
});

test("an event of an offline page arrives once the network is back", async ({
  page,
  site,
  collector,
  context,
}) => {
  await page.goto(site.url("/"));
  await expect.poll(() => seen(collector)).toEqual(["pageview /"]);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Sign up" }).click();
  await context.setOffline(false);
  await expect.poll(() => seen(collector)).toEqual(["pageview /", "Sign up /"]);
});

test("a page that was not found says so", async ({ page, site, collector }) => {
  await page.goto(site.url("/missing"));
  await expect.poll(() => seen(collector).sort()).toEqual(["404 /missing", "pageview /missing"]);
});

test.describe("with data-offline", () => {
  test.use({ attributes: "data-offline" });

  test("an event survives the end of its tab", async ({ page, site, collector, context }) => {
    await page.goto(site.url("/"));
    await expect.poll(() => seen(collector)).toEqual(["pageview /"]);
    collector.status = 503;
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect.poll(() => collector.requests.length).toBeGreaterThan(1);
    await page.close({ runBeforeUnload: false });
    collector.status = undefined;
    const next = await context.newPage();
    await next.goto(site.url("/docs"));
    await expect.poll(() => seen(collector)).toContain("Sign up /");
    expect(seen(collector)).toContain("pageview /docs");
    await expect.poll(() => next.evaluate(() => localStorage.length)).toBe(0);
  });
});

test("the opt-out is honoured", async ({ page, site, collector }) => {
  await page.addInitScript(() => {
    localStorage.almanac_ignore = location.pathname === "/" ? "true" : "";
  });
  await page.goto(site.url("/"));
  await page.goto(site.url("/docs"));
  await expect.poll(() => seen(collector)).toEqual(["pageview /docs"]);
});

test("a frame that may not store anything is counted", async ({ page, site, collector }) => {
  await page.goto(site.url("/", "partner.example"));
  await page.setContent(`<iframe sandbox="allow-scripts" src="${site.url("/docs")}"></iframe>`);
  await expect.poll(() => seen(collector)).toContain("pageview /docs");
});
