// Owns the builds: two for a script tag, one for npm. Refuses to do anything the size check would not see.

import { build } from "esbuild";

const shared = {
  bundle: true,
  minify: true,
  target: "es2021",
  legalComments: "none",
  logLevel: "warning",
  // Saves the "use strict" prologue: nothing in the sources depends on it.
  tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
};

await Promise.all([
  build({
    ...shared,
    entryPoints: ["src/entry/script.ts"],
    outfile: "dist/almanac.js",
    format: "iife",
  }),
  build({
    ...shared,
    entryPoints: ["src/entry/core.ts"],
    outfile: "dist/almanac.core.js",
    format: "iife",
  }),
  build({
    ...shared,
    entryPoints: ["src/entry/module.ts"],
    outfile: "dist/module.js",
    format: "esm",
  }),
]);
