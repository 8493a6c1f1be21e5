// Which clicks and forms become events, and what those say.

import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { start } from "../src/almanac";
import type { WireEvent } from "../src/event";
import { collect } from "./collector";

let requests: WireEvent[][];
const sent = (): WireEvent[] => requests.flat();

// Listeners live as long as the window, so the page is started once.
beforeAll(() => {
  requests = collect().requests;
  start({ api: "/api/event", auto: false, engagement: false, forms: true });
});
beforeEach(() => void requests.splice(0));

test.each<[string, string, Partial<WireEvent>]>([
  [
    "attributes",
    '<button data-almanac-event="Sign up" data-almanac-prop-plan="pro">',
    { n: "Sign up", p: { plan: "pro" } },
  ],
  [
    "classes",
    '<button class="big almanac-event=Sign+up almanac-prop-plan=pro">',
    { n: "Sign up", p: { plan: "pro" } },
  ],
  ["a child", '<a data-almanac-event="Go"><b id="x">go</b></a>', { n: "Go", p: {} }],
  [
    "a file",
    '<a href="/guide.pdf?v=2">',
    { n: "File Download", p: { url: "https://shop.example/guide.pdf" } },
  ],
  [
    "an outbound link",
    '<a href="https://other.example/a?b#c">',
    { n: "Outbound Link: Click", p: { url: "https://other.example/a" } },
  ],
])("a click on %s is an event", async (_, html, expected) => {
  document.body.innerHTML = html;
  const element = document.querySelector("#x") ?? document.body.firstElementChild;
  element?.addEventListener("click", (event) => event.preventDefault());
  element?.dispatchEvent(
    new MouseEvent("click", { bubbles: true, cancelable: true, composed: true }),
  );
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]).toMatchObject(expected);
});

test.each([
  ["an inner link", '<a href="/about">', "click", 0],
  ["a mail address", '<a href="mailto:a@b.example">', "click", 0],
  ["the right button", '<a href="https://other.example/">', "auxclick", 2],
])("a click on %s is none", async (_, html, type, button) => {
  document.body.innerHTML = `${html}x</a><i data-almanac-event="Marker">`;
  document.body.firstElementChild?.addEventListener(type, (event) => event.preventDefault());
  const init = { bubbles: true, composed: true, button };
  document.querySelector("a")?.dispatchEvent(new MouseEvent(type, { ...init, cancelable: true }));
  document.querySelector("i")?.click();
  await vi.waitFor(() => expect(sent().map(({ n }) => n)).toEqual(["Marker"]));
});

test.each<[string, string, Partial<WireEvent>]>([
  ["plain", "<form>", { n: "Form: Submission", p: { path: "/start" } }],
  ["tagged", '<form data-almanac-event="Join">', { n: "Join", p: {} }],
])("a submitted %s form is an event", async (_, html, expected) => {
  document.body.innerHTML = html;
  document
    .querySelector("form")
    ?.dispatchEvent(new Event("submit", { bubbles: true, composed: true }));
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]).toMatchObject(expected);
});
