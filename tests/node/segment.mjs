// Sends what an application would with @segment/analytics-node, and prints the errors it reports.

import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, maxRetries: 0 });
analytics.on("error", (error) => console.log(String(error.reason ?? error)));

const context = {
  ip: "203.0.113.9",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  campaign: { source: "news", medium: "email", name: "spring" },
};
const url = "https://shop.example/pricing";
analytics.page({ anonymousId: "a-1", name: "Pricing", properties: { url }, context });
analytics.page({ anonymousId: "a-2", name: "Pricing", properties: { url }, context });
analytics.identify({ anonymousId: "a-1", userId: "jane", traits: { team: "blue", email: "j@a.example" } });
analytics.track({
  anonymousId: "a-1",
  userId: "jane",
  event: "order",
  properties: { plan: "pro", revenue: 12.5, currency: "EUR" },
  context,
});
analytics.track({ userId: "jane", event: "opened", messageId: "the-same" });
analytics.track({ userId: "jane", event: "opened", messageId: "the-same" });
await analytics.closeAndFlush();
