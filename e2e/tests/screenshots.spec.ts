// Pictures for the documentation, of the demo data: phone and desktop, light and dark.
// Runs only on request, because it overwrites docs/images: `npm run screenshots`.

import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { OWNER, setUpOwner, startAlmanac } from "../support/almanac.ts";
import { open } from "../support/routes.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const SCREENS = {
  desktop: { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
};
const DEMO_MS_MAX = 120_000;

test.skip(!process.env.ALMANAC_SCREENSHOTS, "pictures are made on request: npm run screenshots");

test("overview and realtime of the demo", async ({ browser }) => {
  test.setTimeout(DEMO_MS_MAX + 60_000);
  const almanac = await startAlmanac({ demo: true });
  try {
    await setUpOwner(almanac);
    for (const [screen, options] of Object.entries(SCREENS)) {
      for (const colorScheme of ["light", "dark"] as const) {
        const context = await browser.newContext({
          ...options,
          colorScheme,
          baseURL: almanac.origin,
        });
        const headers = { origin: almanac.origin };
        await context.request.post("/api/session", { data: OWNER, headers });
        const listed = await context.request.get("/api/projects");
        const { projects } = (await listed.json()) as { projects: { id: string }[] };
        const page = await context.newPage();
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await open(page, `/projects/${projects[0]?.id}?period=28d`);
        await expect(page.getByRole("main")).toContainText("Page views");
        const suffix = `${screen === "phone" ? "-phone" : ""}${colorScheme === "dark" ? "-dark" : ""}`;
        await page.screenshot({ path: `${IMAGES}overview${suffix}.png`, animations: "disabled" });
        await context.close();
      }
    }
  } finally {
    await almanac.stop();
  }
});
