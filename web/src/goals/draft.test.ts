// Goals as they are typed.

import { expect, test } from "vitest";
import { type Draft, goalOf } from "./draft";

const draft = (kind: Draft["kind"], fields: Draft["fields"], name = ""): Draft => ({
  kind,
  name,
  fields,
});

test.each<[Draft, ReturnType<typeof goalOf>]>([
  [
    draft("page", { page: " /thanks* " }),
    { name: "/thanks*", definition: { kind: "page", page: "/thanks*" } },
  ],
  [
    draft("event", { event: "Signup", page: "left from another kind" }, " Signs up "),
    { name: "Signs up", definition: { kind: "event", event: "Signup" } },
  ],
  [
    draft("property", { property: "plan", value: "pro" }),
    { name: "plan: pro", definition: { kind: "property", property: "plan", value: "pro" } },
  ],
  [
    draft("scroll", { page: "/blog/*", percent: "75" }),
    { name: "/blog/* 75 %", definition: { kind: "scroll", page: "/blog/*", percent: 75 } },
  ],
  [
    draft("revenue", { event: "Purchase" }),
    { name: "Purchase", definition: { kind: "revenue", event: "Purchase" } },
  ],
])("%j is a goal", (typed, goal) => expect(goalOf(typed)).toEqual(goal));

test.each([
  draft("page", {}, "A name alone"),
  draft("property", { property: "plan" }),
  draft("scroll", { page: "/" }),
])("%j lacks something", (typed) => expect(goalOf(typed)).toBeNull());
