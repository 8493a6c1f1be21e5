// The description is read as its page needs it, from the very document that the server gives out.

import { expect, test } from "vitest";
import document from "../../../docs/openapi.json";
import { type ApiDescription, having, sectionsOf } from "./description";

const sections = sectionsOf(document as unknown as ApiDescription);
const operations = sections.flatMap((section) => section.operations);

test("every operation of the document is in one section", () => {
  const count = Object.values(document.paths).flatMap((path) => Object.keys(path)).length;
  expect(operations).toHaveLength(count);
  expect(new Set(operations.map((operation) => operation.id)).size).toBe(count);
});

test("an operation has its fields, its example and its refusals", () => {
  const create = operations.find((operation) => operation.id === "create_project");
  expect(create?.access).toContain("session");
  expect(create?.body?.fields.find((field) => field.name === "hosts")).toMatchObject({
    type: "string[]",
    required: true,
  });
  expect(create?.body?.example).toContain('"hosts": ["shop.example"],');
  const refusal = create?.answers.find((answer) => answer.status === "409");
  expect(refusal?.description).not.toBe("");
  expect(refusal?.content?.name).toBe("Problem");
});

test("the fields of parts put together are all there", () => {
  const create = operations.find((operation) => operation.id === "create_key");
  const made = create?.answers.find((answer) => answer.status === "201");
  const names = made?.content?.fields.map((field) => field.name);
  expect(names).toEqual(expect.arrayContaining(["key", "prefix"]));
});

test("words find operations by method, address and summary", () => {
  expect(having(sections, "V2/funnel post").flatMap((found) => found.operations)).toHaveLength(1);
  expect(having(sections, "nothing has this")).toEqual([]);
});
