// What stands in the address bar is what the page is about, whatever a value contains.

import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { filterText, parseFilter } from "../question/filters";
import { searchText } from "../question/url";
import { useParams } from "./params";

afterEach(() => vi.unstubAllGlobals());

let seen: string | null = null;

function Page() {
  seen = useParams()[0].get("f");
  return null;
}

/** The filter that a page sees under an address. */
function filterUnder(search: string) {
  vi.stubGlobal("location", { pathname: "/projects/1", search });
  renderToStaticMarkup(<Page />);
  return parseFilter(seen ?? "");
}

test.each(["/x,y;z", "100%", "%2C", "/a?b=c&d=%2525", "größe, weiß"])(
  "%s stays one value",
  (value) => {
    const filter = { op: "is" as const, dimension: "event:page", values: [value] };
    const address = searchText(new URLSearchParams([["f", filterText(filter)]]));
    expect(filterUnder(address)).toEqual(filter);
  },
);

test("a plain list of an old link is several values", () => {
  expect(filterUnder("?f=is,visit:source,Google,Bing")?.values).toEqual(["Google", "Bing"]);
});
