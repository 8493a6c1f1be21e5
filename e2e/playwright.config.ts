// Owns how the browser tests run: Debian's Chromium, made-up host names that lead to this machine,
// and a browser that does not announce its automation, so that the SDK runs as on any visitor's screen.

import { defineConfig, devices } from "@playwright/test";

export const CHROMIUM = process.env.ALMANAC_CHROMIUM ?? "/usr/bin/chromium";
/** A headless browser's own user agent says so and is rightly refused as a bot. */
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  timeout: 40_000,
  expect: { timeout: 5_000 },
  fullyParallel: false,
  workers: 1,
  forbidOnly: !!process.env.CI,
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    userAgent: USER_AGENT,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        // A process for each tab, however little memory there is: a test that kills one kills no other.
        "--renderer-process-limit=64",
        "--disable-component-update",
        "--disable-sync",
        // Requests that outlive their page are not sent under the emulated name.
        `--user-agent=${USER_AGENT}`,
        "--disable-blink-features=AutomationControlled",
        "--host-resolver-rules=MAP *.example 127.0.0.1",
      ],
      // Playwright switches the back/forward cache off; visitors' browsers have it on.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    },
  },
});
