// The main job: a visit to a real page with the snippet becomes the right numbers, within two seconds.

import { ask } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";

/** How soon a visit must be visible. */
const VISIBLE_MS = 2_000;

test("three clicks, client-side navigation and an outbound link are counted", async ({
  page,
  site,
  almanac,
  project,
  dashboard,
}) => {
  await page.goto(site.url("/"));
  await page.getByRole("link", { name: "Pricing" }).click();
  await page.getByRole("link", { name: "Docs" }).click();
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("button", { name: "Next step" }).click();
  await page.getByRole("link", { name: "Partner" }).click();
  await page.waitForURL("**/offer?from=shop");

  const totals = { metrics: ["visitors", "visits", "pageviews", "events", "bounce_rate"] };
  await expect
    .poll(() => ask(almanac, project, totals), { timeout: VISIBLE_MS })
    .toEqual([{ metrics: [1, 1, 4, 6, 0], dimensions: [] }]);

  const by = async (dimension: string, metric: string): Promise<Record<string, unknown>> => {
    const rows = await ask(almanac, project, { metrics: [metric], dimensions: [dimension] });
    return Object.fromEntries(rows.map((row) => [row.dimensions[0], row.metrics[0]]));
  };
  expect(await by("event:page", "pageviews")).toEqual({
    "/": 1,
    "/pricing": 1,
    "/docs": 1,
    "/checkout/1": 1,
  });
  expect(await by("event:name", "events")).toEqual({
    pageview: 4,
    "Sign up": 1,
    "Outbound Link: Click": 1,
  });
  expect(await by("visit:entry_page", "visits")).toEqual({ "/": 1 });
  expect(await by("visit:exit_page", "visits")).toEqual({ "/checkout/1": 1 });
  expect(await by("visit:country", "visitors")).toEqual({ DE: 1 });
  expect(await by("event:props:plan", "events")).toMatchObject({ pro: 1 });

  await dashboard.goto(`/projects/${project.id}?period=day`);
  for (const total of [/^Visitors\b.*\b1\b/, /^Page views\b.*\b4\b/, /^Visits\b.*\b1\b/]) {
    await expect(dashboard.getByRole("button", { name: total })).toBeVisible({
      timeout: VISIBLE_MS,
    });
  }
  await expect(dashboard.getByRole("button", { name: /^\/checkout\/1/ })).toBeVisible();
});
