// Owns the builds: two for a script tag, one for npm, the optional extensions in both forms, and the
// small scripts for pages that were made for another product.
// Refuses to do anything the size check would not see.

import { mkdir, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { minify } from "terser";

const shared = {
  bundle: true,
  write: false,
  minify: true,
  target: "es2021",
  legalComments: "none",
  logLevel: "warning",
  // Saves the "use strict" prologue: nothing in the sources depends on it.
  tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
};

/** A file of `dist`, its entry in `src`, and whether it is a module. */
const BUILDS = [
  ["almanac.js", "entry/script.ts", "iife"],
  ["almanac.core.js", "entry/core.ts", "iife"],
  ["almanac.errors.js", "entry/errors_script.ts", "iife"],
  ["almanac.vitals.js", "entry/vitals_script.ts", "iife"],
  ["plausible.js", "entry/plausible_script.ts", "iife"],
  ["umami.js", "entry/umami_script.ts", "iife"],
  ["module.js", "entry/module.ts", "esm"],
  ["errors.js", "errors.ts", "esm"],
  ["vitals.js", "vitals.ts", "esm"],
];

await mkdir("dist", { recursive: true });

// esbuild bundles; a second minifier takes off the last four per cent, which is where the budget is.
await Promise.all(
  BUILDS.map(async ([name, entry, format]) => {
    const outfile = `dist/${name}`;
    const bundle = await build({ ...shared, entryPoints: [`src/${entry}`], outfile, format });
    const { code } = await minify(bundle.outputFiles[0].text, {
      ecma: 2020,
      module: format === "esm",
      compress: { passes: 3, unsafe_arrows: true },
    });
    await writeFile(outfile, code);
  }),
);
