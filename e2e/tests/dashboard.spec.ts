// What only a browser can show of the dashboard: addresses, keys, a network that goes and comes
// back, narrow screens.

import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";

/** Opens the overview and waits for its numbers. */
async function openOverview(page: Page, project: { id: string }, search = ""): Promise<void> {
  await page.goto(`/projects/${project.id}${search}`);
  await expect(page.getByText("Bounce rate").first()).toBeVisible();
}

test("a value with a comma is one filter on one value", async ({ dashboard, project }) => {
  const filter = new URLSearchParams({ f: "is,event:page,/x%2Cy;z" });
  await openOverview(dashboard, project, `?${filter}`);
  const chip = dashboard.getByRole("list", { name: "Filters" }).getByRole("button").first();
  await expect(chip.getByText("/x,y;z", { exact: true })).toBeVisible();
  await chip.click();
  await expect(dashboard.getByRole("dialog").getByLabel(/^Remove /)).toHaveText(["/x,y;z"]);
});

test("C opens the calendar, ready for arrow keys", async ({ dashboard, project }) => {
  await openOverview(dashboard, project);
  await dashboard.keyboard.press("c");
  await expect(dashboard.locator("[data-date]:focus")).toBeVisible();
  await dashboard.keyboard.press("Enter");
  await dashboard.keyboard.press("ArrowLeft");
  await dashboard.keyboard.press("Enter");
  await expect(dashboard).toHaveURL(/from=\d{4}-\d\d-\d\d&to=/);
});

test("what failed without a network is there once it is back", async ({ dashboard, project }) => {
  await openOverview(dashboard, project);
  await dashboard.context().setOffline(true);
  await dashboard.keyboard.press("w");
  const failure = dashboard.getByText("This could not be loaded");
  await expect(failure.first()).toBeVisible({ timeout: 15_000 });
  await dashboard.context().setOffline(false);
  await expect(failure).toHaveCount(0, { timeout: 15_000 });
  await expect(dashboard.getByText("You are offline")).toHaveCount(0);
});

test("at 320 pixels the account is in reach", async ({ dashboard, project }) => {
  await dashboard.setViewportSize({ width: 320, height: 640 });
  await openOverview(dashboard, project);
  await expect(dashboard.getByLabel("Account and theme")).toBeInViewport({ ratio: 1 });
});
