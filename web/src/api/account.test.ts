// The filter of the audit log, as it stands in an address.

import { expect, test } from "vitest";
import { auditQuery } from "./account";

test("an empty filter is no query, and every value is escaped", () => {
  expect(auditQuery({ actor: "", action: "" })).toBe("");
  expect(auditQuery({ actor: "ada & bob", action: "key", before: "7" })).toBe(
    "?actor=ada+%26+bob&action=key&before=7",
  );
});
