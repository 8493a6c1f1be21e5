// Signing in with more than a password: an app that was set up by the picture that the dashboard
// shows, and a provider that somebody else wrote.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import decodeQR from "qr/decode.js";
import { type Almanac, freePort, OWNER, setUpOwner, startAlmanac } from "../support/almanac.ts";
import { expect, test as shared } from "../support/fixtures.ts";
import { open } from "../support/routes.ts";

const CLIENTS = fileURLToPath(new URL("../../tests/node", import.meta.url));

/** A server of one test: what it does to the owner's account concerns no other. */
const test = shared.extend<{ own: Almanac; provider: string }>({
  provider: async ({ browserName: _ }, use) => use(`127.0.0.1:${await freePort()}`),
  own: async ({ provider }, use) => {
    const settings = {
      ALMANAC_OIDC_ISSUER: `http://${provider}`,
      ALMANAC_OIDC_CLIENT_ID: "almanac",
      ALMANAC_OIDC_CLIENT_SECRET: "a-secret-of-the-provider",
      ALMANAC_OIDC_NAME: "Shop ID",
      ALMANAC_OUTBOUND_TRUSTED: provider,
    };
    const almanac = await startAlmanac({ settings });
    await setUpOwner(almanac);
    await use(almanac);
    await almanac.stop();
  },
});

async function signIn(page: Page, almanac: Almanac): Promise<void> {
  await open(page, `${almanac.origin}/login`);
  await page.getByLabel("Email").fill(OWNER.email);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** What a camera reads that is held in front of the page. */
async function scanned(page: Page): Promise<string> {
  const seen = await page.getByRole("img", { name: "QR code of this secret" }).screenshot();
  const blank = await page.context().newPage();
  const image = await blank.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const pen = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    pen.drawImage(bitmap, 0, 0);
    const { width, height } = bitmap;
    return { width, height, data: [...pen.getImageData(0, 0, width, height).data] };
  }, seen.toString("base64"));
  await blank.close();
  return decodeQR({ ...image, data: Uint8ClampedArray.from(image.data) });
}

/** The code of an app (RFC 6238) for this half minute. */
function codeOf(secret: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((char) => alphabet.indexOf(char).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("an app that scans the picture opens the account from then on", async ({ page, own }) => {
  await signIn(page, own);
  await expect(page).toHaveURL(`${own.origin}/`);
  await open(page, `${own.origin}/settings/security`);
  await page.getByRole("button", { name: "Set up", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password").fill(OWNER.password);
  await dialog.getByRole("button", { name: "Set up", exact: true }).click();
  const uri = new URL(await scanned(page));
  expect(uri.protocol).toBe("otpauth:");
  expect(decodeURIComponent(uri.pathname)).toContain(OWNER.email);
  await dialog.getByLabel("Code of your app").fill(codeOf(uri.searchParams.get("secret") ?? ""));
  await dialog.getByRole("button", { name: "Switch on" }).click();
  await expect(dialog).toContainText("shown only now");
  const codes = dialog.getByRole("region", { name: "Recovery codes" });
  const [recovery] = ((await codes.textContent()) ?? "").split("\n");
  await dialog.getByRole("button", { name: "I have stored them" }).click();

  await page.context().clearCookies();
  await signIn(page, own);
  await page.getByLabel("Code of your app").fill(recovery ?? "");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(`${own.origin}/`);
});

test("a provider vouches for who linked an account and for nobody else", async ({
  page,
  own,
  provider,
}) => {
  const port = provider.split(":")[1] ?? "";
  const words = ["provider.mjs", port, `${own.origin}/api/oidc/callback`];
  const child = spawn("node", words, { cwd: CLIENTS, stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    const through = async (name: string, button: string) => {
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.waitForURL(`http://${provider}/**`);
      await page.locator("input[name=login]").fill(name);
      await page.locator("input[name=password]").fill("any");
      await page.locator("button[type=submit]").click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.waitForURL(`${own.origin}/**`);
    };
    await open(page, `${own.origin}/login`);
    await through("stranger", "Sign in with Shop ID");
    await expect(page.getByRole("alert")).toContainText("Ask an admin for an invitation");
    await page.context().clearCookies();

    await signIn(page, own);
    await expect(page).toHaveURL(`${own.origin}/`);
    await open(page, `${own.origin}/settings/security`);
    await through("ada", "Link");
    await expect(page.getByText("You can sign in through Shop ID")).toBeVisible();
    await page.context().clearCookies();

    await open(page, `${own.origin}/login`);
    await through("ada", "Sign in with Shop ID");
    await expect(page).toHaveURL(`${own.origin}/`);
  } finally {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
});
