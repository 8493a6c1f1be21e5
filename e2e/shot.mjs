import { chromium } from "/work/main/e2e/node_modules/@playwright/test/index.mjs";
const [origin, tag, ...only] = process.argv.slice(2);
const browser = await chromium.launch();
const pages = [
  ["day", "/projects/1?period=day", 1280, 700],
  ["all", "/projects/1?period=all", 1280, 700],
  ["years", "/projects/1?from=1996-01-01&to=2026-11-20&interval=month", 1280, 700],
  ["y2w", "/projects/1?from=2024-11-01&to=2026-11-20&interval=week", 1280, 700],
  ["before", "/projects/1?from=2025-11-10&to=2025-12-10", 1280, 700],
  ["narrow", "/projects/1", 320, 640],
  ["phone", "/projects/1?details=top", 390, 760],
  ["details", "/projects/1?details=top", 1280, 760],
  ["events", "/projects/1?details=events", 1280, 760],
  ["realtime", "/projects/1/realtime", 1280, 600],
  ["health", "/projects/1/health", 1280, 900],
  ["cart", "/projects/1?f=is,event:page,/cart&period=day", 1280, 700],
  ["onboarding", "/projects/1/onboarding", 1280, 700],
  ["setup", "/setup?token=x", 1280, 700],
];
for (const [name, path, width, height] of pages) {
  if (only.length && !only.includes(name)) continue;
  const context = await browser.newContext({ viewport: { width, height }, locale: "en-GB", timezoneId: "Europe/Berlin" });
  await context.request.post(origin + "/api/session", { data: { email: "o@shop.example", password: "correct horse battery" } });
  const page = await context.newPage();
  await page.goto(origin + path);
  await page.waitForTimeout(Number(process.env.WAIT ?? 2500));
  await page.screenshot({ path: `/tmp/shots/${tag}-${name}.png` });
  await context.close();
}
await browser.close();
