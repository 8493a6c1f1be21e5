// Makes src/api/openapi.d.ts, the shapes of the HTTP API, from docs/openapi.json.
// With --check it writes nothing and fails when the file is stale.

import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const SOURCE = new URL("../../docs/openapi.json", import.meta.url);
const TARGET = new URL("../src/api/openapi.d.ts", import.meta.url);
const HEAD = "// Made by `npm run api-types` from docs/openapi.json: change that, not this.";

const text = readFileSync(SOURCE, "utf8").replaceAll("#/components/schemas/", "#/definitions/");
const made = await compile({ definitions: JSON.parse(text).components.schemas }, "Shapes", {
  additionalProperties: false,
  bannerComment: HEAD,
  unreachableDefinitions: true,
});
if (process.argv.includes("--check")) {
  if (readFileSync(TARGET, "utf8") !== made) {
    process.stderr.write("src/api/openapi.d.ts is stale: npm run api-types\n");
    process.exit(1);
  }
} else {
  writeFileSync(TARGET, made);
}
