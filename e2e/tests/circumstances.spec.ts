// The SDK under what browsers and pages do to it: strict policies, full storage, pages rendered
// ahead, and the optional extensions; in a real browser, against a stand-in for the server.

import type { ServerResponse } from "node:http";
import { expect, test } from "@playwright/test";
import { CHROMIUM } from "../playwright.config.ts";
import { openUninspected } from "../support/bare_chromium.ts";
import { type Collector, startCollector } from "../support/collector.ts";
import { type LocalServer, serve } from "../support/http.ts";

const HOST = "shop.example";

interface Site {
  collector: Collector;
  url(path: string): string;
  /** Every path that was asked for, in order. */
  visits: string[];
  /** Answers the requests for `/show`, which wait for it. */
  show(): void;
}

/** Serves a page per path with `head`, under a policy that allows the SDK and nothing else. */
async function withSite(
  head: (origin: string) => string,
  pages: Record<string, string>,
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const collector = await startCollector();
  const visits: string[] = [];
  const waiting: ServerResponse[] = [];
  const server: LocalServer = await serve((request, response) => {
    visits.push(request.url ?? "/");
    if (request.url === "/show") return waiting.push(response);
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const policy = `default-src 'none'; script-src ${collector.origin} 'nonce-own' 'inline-speculation-rules'; connect-src 'self' ${collector.origin}; img-src data:; style-src 'nonce-own'`;
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", "text/html; charset=utf-8");
    const icon = '<link rel="icon" href="data:,">';
    response.end(
      `<!doctype html><html lang="en"><head><title>${pathname}</title>${icon}${head(collector.origin)}</head><body>${pages[pathname] ?? "<h1>Page</h1>"}</body></html>`,
    );
    return undefined;
  });
  try {
    await use({
      collector,
      visits,
      url: (path) => `http://${HOST}:${server.port}${path}`,
      show: () => {
        for (const response of waiting) response.end();
      },
    });
  } finally {
    await server.close();
    await collector.close();
  }
}

const script = (origin: string, name = "almanac", attributes = ""): string =>
  `<script defer src="${origin}/js/${name}.js" ${attributes}></script>`;

const names = ({ events }: Collector): string[] =>
  events.filter(({ n }) => n !== "engagement").map(({ n, u }) => `${n} ${new URL(u).pathname}`);

test("a policy that allows its script and its address is enough", async ({ page }) => {
  const all = (origin: string) =>
    script(origin) + script(origin, "almanac.errors") + script(origin, "almanac.vitals");
  await withSite(all, {}, async ({ collector, url }) => {
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url("/"));
    await expect.poll(() => names(collector)).toEqual(["pageview /"]);
    expect(complaints).toEqual([]);
  });
});

test("full storage costs the event its copy, not its way to the server", async ({ page }) => {
  const offline = (origin: string) => script(origin, "almanac", "data-offline");
  await withSite(offline, {}, async ({ collector, url }) => {
    await page.goto(url("/"));
    await expect.poll(() => names(collector)).toEqual(["pageview /"]);
    const room = await page.evaluate(() => {
      let size = 1 << 22;
      let text = "";
      // Halves what is added until not even one character fits.
      while (size >= 1) {
        try {
          localStorage.setItem("full", text + "x".repeat(size));
          text += "x".repeat(size);
        } catch {
          size = Math.floor(size / 2);
        }
      }
      (window as unknown as { almanac: { track(name: string): void } }).almanac.track("Order");
      return Object.keys(localStorage);
    });
    expect(room).toEqual(["full"]);
    await expect.poll(() => names(collector)).toEqual(["pageview /", "Order /"]);
  });
});

test("a page that is rendered ahead is counted when it is shown, and not before", async () => {
  const rules = '{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}';
  const pages = {
    "/": `<script type="speculationrules" nonce="own">${rules}</script>
      <script nonce="own">fetch("/show").then(() => { location.href = "/ahead"; });</script>`,
    "/ahead": `<script nonce="own">
      addEventListener("load", () => fetch("/rendered?" + document.prerendering));
    </script>`,
  };
  await withSite(script, pages, async ({ collector, url, visits, show }) => {
    const end = await openUninspected(url("/"), CHROMIUM);
    try {
      await expect.poll(() => visits, { timeout: 20_000 }).toContain("/rendered?true");
      await expect.poll(() => visits).toContain("/show");
      await expect.poll(() => names(collector)).toEqual(["pageview /"]);
      show();
      await expect.poll(() => names(collector)).toEqual(["pageview /", "pageview /ahead"]);
      expect(visits.filter((visit) => visit === "/ahead")).toHaveLength(1);
    } finally {
      await end();
    }
  });
});

test("uncaught errors are reported once each, with their place", async ({ page }) => {
  const head = (origin: string) => script(origin) + script(origin, "almanac.errors");
  const pages = {
    "/": `<script nonce="own">
      addEventListener("load", () => {
        for (let time = 0; time < 3; time++) setTimeout(() => { null.price; });
        Promise.reject(new RangeError("no such size"));
      });
    </script>`,
  };
  await withSite(head, pages, async ({ collector, url }) => {
    await page.goto(url("/"));
    const errors = () => collector.events.filter(({ k }) => k === "error");
    await expect.poll(() => errors().length).toBe(2);
    expect(errors().map(({ n, i }) => [n, i])).toEqual([
      ["error", false],
      ["error", false],
    ]);
    const [rejected, thrown] = errors().sort((a, b) =>
      `${a.p?.type}`.localeCompare(`${b.p?.type}`),
    );
    expect(rejected?.p).toEqual({ type: "RangeError", message: "no such size", source: "" });
    expect(thrown?.p).toMatchObject({ type: "TypeError" });
    expect(thrown?.p?.message).toContain("Cannot read properties of null");
    expect(thrown?.p?.source).toMatch(/^http:\/\/shop\.example:\d+\/:\d+:\d+$/);
  });
});

test("the vitals of a page load are reported when it is left", async ({ page }) => {
  const head = (origin: string) => script(origin) + script(origin, "almanac.vitals");
  const pages = {
    "/": `<style nonce="own">h1 { margin-top: 0 } .late { height: 300px }</style>
      <h1>Start</h1><button>Buy</button>
      <script nonce="own">
        document.querySelector("button").onclick = () => {
          const end = performance.now() + 120;
          while (performance.now() < end);
        };
      </script>`,
  };
  await withSite(head, pages, async ({ collector, url }) => {
    await page.goto(url("/"));
    await page.getByRole("button", { name: "Buy" }).click();
    // The interaction is known once the frame after it was presented.
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          new PerformanceObserver(resolve).observe({
            type: "event",
            buffered: true,
            durationThreshold: 40,
          } as PerformanceObserverInit);
        }),
    );
    await page.goto(url("/next"));
    const vitals = () => collector.events.filter(({ k }) => k === "web_vital");
    await expect
      .poll(() =>
        vitals()
          .map(({ n }) => n)
          .sort(),
      )
      .toEqual(["CLS", "FCP", "INP", "LCP", "TTFB"]);
    const of = (name: string) => vitals().find(({ n }) => n === name);
    for (const { u, i } of vitals()) expect([new URL(u).pathname, i]).toEqual(["/", false]);
    expect(of("INP")?.p?.value).toBeGreaterThanOrEqual(100);
    expect(of("LCP")?.p?.value).toBeGreaterThanOrEqual(Number(of("TTFB")?.p?.value));
    expect(of("CLS")?.p).toEqual({ value: 0, rating: "good" });
  });
});
