// The analytics of the application: one instance, started when this module is first imported.

import { init } from "@almanac-analytics/browser";

export const almanac = init({
  api: "https://stats.example/api/event",
  domain: "shop.example",
});
