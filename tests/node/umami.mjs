// Sends a visit and an event as @umami/node does, and prints the answers.

import { Umami } from "@umami/node";

const [hostUrl, websiteId] = process.argv.slice(2);
const umami = new Umami({ hostUrl, websiteId });
const answers = [
  await umami.track({ url: "/pricing?utm_source=news", title: "Pricing", language: "de-DE" }),
  await umami.track("signup", { plan: "pro", email: "jane@example.com" }),
  await umami.track({ url: "/thanks", name: "order", data: { revenue: 12.5, currency: "EUR" } }),
  await umami.identify({ team: "blue" }),
];
for (const answer of answers) console.log(answer.status, await answer.text());
