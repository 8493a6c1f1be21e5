// A project's settings by keyboard alone: what is hidden, how long events are kept, keys, and the
// rights of one person. What cannot be taken back asks first, and escaping from the question does nothing.

import type { Page } from "@playwright/test";
import type { Almanac } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import { open } from "../support/routes.ts";

const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

/** A project whose visitors are known, and three events of a user. */
async function consented(page: Page, almanac: Almanac, host: string): Promise<string> {
  const headers = { origin: almanac.origin };
  const wish = { name: "Members", hosts: [host], time_zone: "UTC", identity: "stable" };
  const made = await page.request.post("/api/projects", { data: wish, headers });
  const { project } = (await made.json()) as { project: { id: string } };
  const event = { n: "buy", u: `https://${host}/`, vid: crypto.randomUUID(), uid: "ada-4711" };
  const answer = await fetch(`${almanac.origin}/api/event`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": AGENT },
    body: JSON.stringify([event, event, event]),
  });
  expect(answer.status).toBe(202);
  return project.id;
}

/** Goes to a control as somebody does who has no mouse, and presses a key there. */
async function pressOn(page: Page, role: "button" | "textbox", name: string, key: string) {
  const control = page.getByRole(role, { name, exact: true }).last();
  await control.focus();
  await expect(control).toBeFocused();
  await control.press(key);
}

test("hidden values are chosen by keyboard and stay", async ({ dashboard, project }) => {
  await open(dashboard, `/projects/${project.id}/settings`);
  const hidden = dashboard.getByLabel("Hidden values");
  await hidden.focus();
  await dashboard.keyboard.type("event:page");
  await dashboard.keyboard.press("Enter");
  await expect(dashboard.getByRole("alert")).toContainText("cannot be hidden");
  await hidden.fill("event:user, event:props:plan");
  await dashboard.getByLabel("Shown to").selectOption("admin");
  await hidden.press("Enter");
  await expect(dashboard.getByText("Saved", { exact: true })).toBeVisible();
  await open(dashboard, `/projects/${project.id}/settings`);
  await expect(hidden).toHaveValue("event:user, event:props:plan");
  await expect(dashboard.getByLabel("Shown to")).toHaveValue("admin");
});

test("keeping less asks first, and escaping keeps what there is", async ({
  dashboard,
  project,
}) => {
  await open(dashboard, `/projects/${project.id}/settings`);
  const kept = dashboard.getByRole("combobox", { name: "Keep events", exact: true });
  await expect(kept).toHaveValue("730");
  await kept.selectOption("30");
  const dialog = dashboard.getByRole("dialog");
  await expect(dialog).toContainText("cannot be undone");
  await dashboard.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(kept).toHaveValue("730");
  await kept.selectOption("30");
  await pressOn(dashboard, "button", "Remove older events", "Enter");
  await expect(dialog).toHaveCount(0);
  await expect(kept).toHaveValue("30");
  await kept.selectOption("0");
  await expect(dashboard.getByText("Saved", { exact: true })).toBeVisible();
  await expect(kept).toHaveValue("0");
});

test("one person is given out and erased", async ({ dashboard, almanac }) => {
  const id = await consented(dashboard, almanac, "members.example");
  await open(dashboard, `/projects/${id}/settings`);
  await dashboard.getByRole("combobox", { name: "By", exact: true }).selectOption("user");
  const field = dashboard.getByLabel("Number or id");
  await field.focus();
  await dashboard.keyboard.type("ada-4711");
  const downloading = dashboard.waitForEvent("download");
  await dashboard.keyboard.press("Enter");
  const file = await downloading;
  expect(file.suggestedFilename()).toBe("person.json");

  const dialog = dashboard.getByRole("dialog");
  await pressOn(dashboard, "button", "Erase…", "Enter");
  await expect(dialog).toContainText("3 events of 1 days");
  await dashboard.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await pressOn(dashboard, "button", "Erase…", "Enter");
  await pressOn(dashboard, "button", "Erase for good", "Enter");
  await expect(
    dashboard.getByText("3 events, 0 dead letters and 0 decisions erased."),
  ).toBeVisible();
  await pressOn(dashboard, "button", "Erase…", "Enter");
  await expect(dialog).toContainText("0 events of 0 days");
});

for (const [name, path, create] of [
  ["of a project", "settings", "Create key"],
  ["of the instance", "keys", "Create key of the instance"],
] as const) {
  test(`a key ${name} is made, shown once and revoked`, async ({ dashboard, project }) => {
    await open(dashboard, path === "keys" ? "/settings/keys" : `/projects/${project.id}/settings`);
    await pressOn(dashboard, "button", create, "Enter");
    const dialog = dashboard.getByRole("dialog");
    await dialog.getByLabel("Name").fill(`robot ${project.id}`);
    await dialog.getByLabel("Name").press("Enter");
    await expect(dialog).toContainText("shown only this once");
    await pressOn(dashboard, "button", "I have stored it", "Enter");
    await expect(dialog).toHaveCount(0);
    // The next key starts from an empty form, not from the text of the last one.
    await pressOn(dashboard, "button", create, "Enter");
    await expect(dialog.getByLabel("Name")).toHaveValue("");
    await dashboard.keyboard.press("Escape");
    const row = dashboard.getByRole("listitem").filter({ hasText: `robot ${project.id}` });
    await row.getByRole("button", { name: "Revoke" }).focus();
    await dashboard.keyboard.press("Enter");
    await expect(dialog).toContainText("cannot be undone");
    await dialog.getByRole("button", { name: "Revoke" }).focus();
    await dashboard.keyboard.press("Enter");
    await expect(row).toHaveCount(0);
  });
}
