// Bots: the health page names them, and the dashboard shows their traffic apart from that of people.

import { expect, test } from "../support/fixtures.ts";

const CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

test("bots are named on the health page and looked at like people", async ({
  dashboard,
  almanac,
  project,
}) => {
  const view = (path: string, agent: string) =>
    fetch(`${almanac.origin}/api/event`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": agent },
      body: JSON.stringify({ n: "pageview", u: `https://${project.domain}${path}` }),
    });
  await view("/for-people", READER);
  for (const path of ["/crawled", "/crawled-too"]) await view(path, CRAWLER);

  await dashboard.goto(`/projects/${project.id}/health`);
  await expect(dashboard.getByRole("row", { name: "Googlebot crawler 2" })).toBeVisible();
  await dashboard.getByRole("link", { name: "Open the dashboard of bots" }).click();
  await dashboard.goto(`/projects/${project.id}?traffic=bots&period=day`);
  await expect(dashboard.getByText("/crawled-too")).toBeVisible();
  await expect(dashboard.getByText("/for-people")).toBeHidden();

  await dashboard.getByRole("button", { name: "Bots only" }).click();
  await expect(dashboard.getByText("/for-people")).toBeVisible();
  await expect(dashboard.getByText("/crawled-too")).toBeHidden();
});
