// Owns a Chromium that nobody inspects: developer tools switch rendering ahead off, and so do the
// tests' own pages. It opens one address; what happened is seen by the servers it talks to.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Opens `url`, whose origin counts as secure; the answer ends the browser. */
export async function openUninspected(url: string, chromium: string): Promise<() => Promise<void>> {
  const profile = await mkdtemp(join(tmpdir(), "almanac-chromium-"));
  const browser = spawn(
    chromium,
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      "--host-resolver-rules=MAP *.example 127.0.0.1",
      `--unsafely-treat-insecure-origin-as-secure=${new URL(url).origin}`,
      url,
    ],
    { stdio: "ignore" },
  );
  return async () => {
    browser.kill("SIGKILL");
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, "exit");
    // Helpers of the browser end after it, and may still be writing.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
}
