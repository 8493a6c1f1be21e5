// The build: what goes into web/dist, and the made-up backend of `npm run dev`.
// Assets are never inlined, so that the page runs under a `default-src 'self'` policy.

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./dev/mock";

const backend = process.env.ALMANAC_BACKEND;

export default defineConfig({
  plugins: [react(), tailwindcss(), ...(backend ? [] : [mockApi()])],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    // The first page and all that it imports at once are one file: many small ones compress worse.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "first", test: /src\/app\.tsx$/ }] } },
    },
  },
  server: {
    host: "127.0.0.1",
    ...(backend ? { proxy: { "/api": backend, "/js": backend } } : {}),
  },
  preview: { host: "127.0.0.1" },
  test: { include: ["src/**/*.test.{ts,tsx}", "dev/**/*.test.ts"], environment: "node" },
});
