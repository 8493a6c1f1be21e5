// Owns how unit tests run: in a simulated browser. What only a real one can show is tested in e2e/.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "https://shop.example/start?q=1#top" } },
    restoreMocks: true,
  },
});
