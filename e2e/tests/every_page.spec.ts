// What must be true of every page of the dashboard, light and dark: no accessibility violation, and
// nothing for the browser to complain about (script errors, content refused by the policy).

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ask } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import {
  complaints,
  open,
  type Route,
  SIGNED_OUT_ROUTES,
  signedInRoutes,
} from "../support/routes.ts";
import { sendVisits } from "../support/traffic.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

async function check(page: Page, routes: Route[]): Promise<void> {
  const found = complaints(page);
  // Colours that are still fading in would be judged by chance.
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const { name, path } of routes) {
      await open(page, path);
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      const lines = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`,
      );
      expect.soft(lines, `accessibility of ${name}, ${colorScheme}`).toEqual([]);
      expect.soft(found.splice(0), `complaints of ${name}, ${colorScheme}`).toEqual([]);
    }
  }
}

test("every page of a project with visits", async ({ dashboard, almanac, project }) => {
  // Two looks at every page there is, on a machine that may have much else to do.
  test.setTimeout(300_000);
  const pageviews = await sendVisits(almanac, project);
  await expect
    .poll(() => ask(almanac, project, { metrics: ["pageviews"] }))
    .toEqual([{ metrics: [pageviews], dimensions: [] }]);
  await check(dashboard, signedInRoutes(project.id));
});

test("the overview of a project without visits", async ({ dashboard, project }) => {
  await check(dashboard, [{ name: "empty overview", path: `/projects/${project.id}` }]);
});

test("every page of somebody who is signed out", async ({ browser, almanac }) => {
  const context = await browser.newContext({ baseURL: almanac.origin });
  await check(await context.newPage(), SIGNED_OUT_ROUTES);
  await context.close();
});

test("the policy forbids scripts of others", async ({ request, almanac }) => {
  const answer = await request.get(`${almanac.origin}/login`);
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toContain("unsafe-eval");
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
});
