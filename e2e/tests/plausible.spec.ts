// Plausible's own clients, unmodified from npm, count on this server.

import { build } from "esbuild";
import { ask } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import { startSite } from "../support/site.ts";

/** How each client is started, with the server's address and the project's domain filled in. */
const CLIENTS: Record<string, (endpoint: string, domain: string) => string> = {
  "@plausible-analytics/tracker": (endpoint, domain) => `
    import { init, track } from "@plausible-analytics/tracker";
    init({ domain: "${domain}", endpoint: "${endpoint}/api/event", outboundLinks: true });
    window.order = () => track("Order", { props: { plan: "pro" } });`,
  "plausible-tracker": (endpoint, domain) => `
    import Plausible from "plausible-tracker";
    const tracker = Plausible({ domain: "${domain}", apiHost: "${endpoint}" });
    tracker.enableAutoPageviews();
    tracker.enableAutoOutboundTracking();
    window.order = () => tracker.trackEvent("Order", { props: { plan: "pro" } });`,
};

for (const [client, source] of Object.entries(CLIENTS)) {
  test(`${client} is counted`, async ({ page, almanac, project }) => {
    const bundle = await build({
      stdin: { contents: source(almanac.origin, project.domain), resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: "iife",
    });
    const scripts = { "/client.js": bundle.outputFiles[0]?.text ?? "" };
    const site = await startSite(
      '<script defer src="/client.js"></script>',
      project.domain,
      scripts,
    );
    await page.goto(site.url("/"));
    await page.getByRole("link", { name: "Pricing" }).click();
    await page.getByRole("button", { name: "Next step" }).click();
    await page.evaluate(() => (window as unknown as { order(): void }).order());
    await page.getByRole("link", { name: "Partner" }).click();
    await page.waitForURL("**/offer?from=shop");

    await expect
      .poll(async () => {
        const question = { metrics: ["events"], dimensions: ["event:name"] };
        const rows = await ask(almanac, project, question);
        return Object.fromEntries(rows.map((row) => [row.dimensions[0], row.metrics[0]]));
      })
      .toEqual({ pageview: 3, Order: 1, "Outbound Link: Click": 1 });
    expect(await ask(almanac, project, { metrics: ["visitors", "visits"] })).toEqual([
      { metrics: [1, 1], dimensions: [] },
    ]);
    await site.close();
  });
}
