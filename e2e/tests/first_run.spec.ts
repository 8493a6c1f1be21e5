// The first minutes of a new owner: set-up link, account, project, snippet, first event, dashboard.

import { expect, test } from "@playwright/test";
import { OWNER, startAlmanac } from "../support/almanac.ts";
import { complaints } from "../support/routes.ts";
import { startSite } from "../support/site.ts";

test("from the set-up link to the first visit on the dashboard", async ({ page, context }) => {
  const almanac = await startAlmanac();
  const found = complaints(page);
  try {
    await page.goto(almanac.setupLink);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByRole("button", { name: "Create account" }).click();

    // The set-up page has a field of the same name.
    await expect(page.getByRole("heading", { name: "New project" })).toBeVisible();
    await page.getByRole("textbox", { name: "Name" }).fill("My shop");
    await page.getByLabel("Hosts").fill("shop.example");
    await page.getByLabel("Time zone").selectOption("Europe/Berlin");
    await page.getByRole("button", { name: "Create project" }).click();

    await expect(page.getByRole("heading", { name: "Connect your site" })).toBeVisible();
    await expect(page.getByText("Waiting for the first event")).toBeVisible();
    const snippet = await page.getByText("/js/almanac.js").first().textContent();

    const site = await startSite(snippet ?? "");
    const visitor = await context.newPage();
    await visitor.goto(site.url("/pricing"));
    await expect(page.getByText("The first event has arrived")).toBeVisible();
    await site.close();

    await page.getByRole("link", { name: "Open dashboard" }).click();
    await expect(page.getByRole("button", { name: /^Page views\b.*\b1\b/ })).toBeVisible();
    await expect(page.getByRole("button", { name: /^\/pricing/ }).first()).toBeVisible();
    expect(found).toEqual([]);
  } finally {
    await almanac.stop();
  }
});

test("a set-up link works once", async ({ page }) => {
  const almanac = await startAlmanac();
  try {
    await page.goto(almanac.setupLink);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/projects/new");
    await page.context().clearCookies();
    await page.goto(almanac.setupLink);
    await expect(page.getByRole("heading", { name: "Already set up" })).toBeVisible();
  } finally {
    await almanac.stop();
  }
});

test("signing out ends the session", async ({ page }) => {
  const almanac = await startAlmanac();
  try {
    await page.goto(almanac.setupLink);
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill(OWNER.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/projects/new");
    await page.getByRole("button", { name: "Account and theme" }).click();
    await page.getByText("Sign out").click();
    await page.waitForURL("**/login");
    await page.goto(`${almanac.origin}/`);
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
    await page.getByLabel("Email").fill(OWNER.email);
    await page.getByLabel("Password").fill("wrong, on purpose");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText("wrong");
  } finally {
    await almanac.stop();
  }
});
