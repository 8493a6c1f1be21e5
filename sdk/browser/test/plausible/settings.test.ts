// What the name of the script, its tag and `plausible.init` ask for.

import { expect, test } from "vitest";
import { ofInit, ofTag } from "../../src/plausible/settings";

const API = "https://stats.example/api/event";

function tag(html: string): HTMLElement {
  document.body.innerHTML = html;
  return document.body.firstElementChild as HTMLElement;
}

test.each([
  "script.hash.outbound-links.pageview-props.js",
  "script.pageview-props.outbound-links.hash.compat.js",
])("the words of %s may stand in any order", (name) => {
  const script = tag('<script data-domain="shop.example" event-author="Jo">');
  const { options, outbound, fileTypes, tagged, props } = ofTag(script, API, name);
  expect(options).toMatchObject({ domain: "shop.example", api: API, hash: true, auto: true });
  expect([outbound, fileTypes, tagged]).toEqual([true, undefined, false]);
  expect(props("pageview", {})).toEqual({ author: "Jo" });
});

test("the plain script watches page views only", () => {
  const script = tag('<script data-domain="a.example" data-api="/stats/event" event-author="Jo">');
  const { options, outbound, fileTypes, only, except, props } = ofTag(script, API, "script.js");
  expect(options).toMatchObject({ api: "/stats/event", hash: false, local: false });
  expect([outbound, fileTypes, only, except]).toEqual([false, undefined, undefined, undefined]);
  expect(props("pageview", {})).toEqual({});
});

test("manual, local, exclusions and types of files are read", () => {
  const script = tag('<script data-exclude="/a, /b/*" add-file-types="ics">');
  const name = "plausible.exclusions.file-downloads.local.manual.js";
  const { options, fileTypes, except } = ofTag(script, API, name);
  expect(options).toMatchObject({ auto: false, local: true });
  expect(except).toEqual(["/a", "/b/*"]);
  expect(fileTypes).toContain("pdf");
  expect(fileTypes).toContain("ics");
  const own = tag('<script data-file-types="ics,gpx">');
  expect(ofTag(own, API, "script.file-downloads.js").fileTypes).toEqual(["ics", "gpx"]);
});

test("init watches all that a page does not switch off", () => {
  const settings = ofInit({}, API);
  expect(settings.options).toMatchObject({ api: API, auto: true, hash: false, local: false });
  expect([settings.outbound, settings.forms, settings.tagged]).toEqual([true, true, true]);
  expect(settings.fileTypes).toContain("pdf");
  const off = ofInit(
    { outboundLinks: false, fileDownloads: false, formSubmissions: false, endpoint: "/e" },
    API,
  );
  expect([off.outbound, off.forms, off.fileTypes]).toEqual([false, false, undefined]);
  expect(off.options.api).toBe("/e");
  const types = ofInit({ fileDownloads: { fileExtensions: ["ics"] } }, API);
  expect(types.fileTypes).toEqual(["ics"]);
  const props = ofInit({ customProperties: (name) => ({ of: name }) }, API).props;
  expect(props("Order", {})).toEqual({ of: "Order" });
});
