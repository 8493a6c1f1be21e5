// Owns what the tests of the whole product share: one server with an owner, and for each test a
// project of its own with the website it counts.

import { test as base, expect, type Page } from "@playwright/test";
import {
  type Almanac,
  addProject,
  OWNER,
  type Project,
  setUpOwner,
  startAlmanac,
} from "./almanac.ts";
import { type Site, startSite } from "./site.ts";

export { expect };

interface Shared {
  server: { almanac: Almanac; cookie: string };
}

interface PerTest {
  almanac: Almanac;
  project: Project;
  /** The project's website, with its snippet in every page. */
  site: Site;
  /** A page of a browser in which the owner is signed in. */
  dashboard: Page;
}

export const test = base.extend<PerTest, Shared>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from its first pattern.
    async ({}, use) => {
      const almanac = await startAlmanac();
      await use({ almanac, cookie: await setUpOwner(almanac) });
      await almanac.stop();
    },
    { scope: "worker" },
  ],
  almanac: ({ server }, use) => use(server.almanac),
  project: async ({ server }, use, { testId }) => {
    await use(await addProject(server.almanac, server.cookie, `shop-${testId.slice(-12)}.example`));
  },
  site: async ({ project }, use) => {
    const site = await startSite(project.snippet, project.domain);
    await use(site);
    await site.close();
  },
  dashboard: async ({ browser, server }, use) => {
    const context = await browser.newContext({ baseURL: server.almanac.origin });
    const answer = await context.request.post("/api/session", {
      data: OWNER,
      headers: { origin: server.almanac.origin },
    });
    expect(answer.ok()).toBe(true);
    await use(await context.newPage());
    await context.close();
  },
});
