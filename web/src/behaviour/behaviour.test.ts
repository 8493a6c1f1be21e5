// Questions about behaviour as they are built, and the arithmetic of their pictures.

import { describe, expect, test } from "vitest";
import type { JourneyAnswer } from "../api/behaviour";
import { parseQuestion, searchText } from "../question/url";
import { meanAt, offsetsOf, strongestShare } from "./cohorts";
import { funnelBody, moved, parseFunnel, writeFunnel } from "./funnelQuestion";
import { sankeyOf } from "./sankey";
import { filtersOf, parseStep } from "./steps";

const subject = (search: string) => ({
  site: "1",
  today: "2026-11-21",
  question: parseQuestion(new URLSearchParams(search)),
});

describe("steps", () => {
  test("a page is its views, not the events that happened on it", () =>
    expect(filtersOf({ kind: "page", value: " /cart " })).toEqual([
      ["is", "event:name", ["pageview"]],
      ["is", "event:page", ["/cart"]],
    ]));
  test("a star stands for any text, and nothing else is special", () =>
    expect(filtersOf({ kind: "page", value: "/a.b/*" })[1]).toEqual([
      "matches",
      "event:page",
      ["^/a\\.b/.*$"],
    ]));
  test.each(["", "page", "tab:/x"])("%s is no step", (text) => expect(parseStep(text)).toBeNull());
});

describe("the funnel's question", () => {
  const search = "?step=page:/cart&step=goal:Buys:+all&step=event:&order=strict&by=visit:device";
  const funnel = parseFunnel(new URLSearchParams(search));

  test("leaves out what is unfinished", () =>
    expect(funnelBody(subject("f=is,visit:country,DE"), funnel)).toEqual({
      site_id: "1",
      date_range: "28d",
      filters: [["is", "visit:country", ["DE"]]],
      steps: [
        {
          name: "/cart",
          filters: [
            ["is", "event:name", ["pageview"]],
            ["is", "event:page", ["/cart"]],
          ],
        },
        { goal: "Buys: all" },
      ],
      order: "strict",
      window: "7d",
      breakdown: "visit:device",
    }));
  test("is none with a single step", () =>
    expect(funnelBody(subject(""), { ...funnel, steps: funnel.steps.slice(0, 1) })).toBeNull());
  test("survives the URL", () =>
    expect(searchText(writeFunnel(new URLSearchParams(), funnel))).toBe(search));
  test("steps move by one place and stay inside", () => {
    const names = (from: number, to: number) =>
      moved(funnel.steps, from, to)
        .map((step) => step.kind)
        .join();
    expect(names(1, 0)).toBe("goal,page,event");
    expect(names(0, -1)).toBe("page,goal,event");
  });
});

describe("cohorts", () => {
  const cohorts = [
    { cohort: "2026-11-02", visitors: 100, returned: [100, 50, 10], rates: [100, 50, 10] },
    { cohort: "2026-11-09", visitors: 300, returned: [300, 30], rates: [100, 10] },
    { cohort: "2026-11-16", visitors: 0, returned: [0], rates: [0] },
  ];
  test("large ones weigh more in the mean", () => expect(meanAt(cohorts, 1)).toBe(20));
  test("those too young are left out of the mean", () => expect(meanAt(cohorts, 2)).toBe(10));
  test("nobody has no mean", () => expect(meanAt(cohorts.slice(2), 0)).toBeNull());
  test("the first period does not scale the colours", () => {
    expect(offsetsOf(cohorts)).toBe(3);
    expect(strongestShare(cohorts)).toBe(50);
  });
});

describe("the flow of journeys", () => {
  const journey: JourneyAnswer = {
    visits: 100,
    nodes: [
      { step: 0, name: "/", visits: 100, ends: 20 },
      { step: 1, name: "/a", visits: 50, ends: 0 },
      { step: 1, name: null, visits: 30, ends: 0 },
    ],
    links: [
      { step: 0, from: "/", to: null, visits: 30 },
      { step: 0, from: "/", to: "/a", visits: 50 },
    ],
  };
  const box = { width: 500, height: 200 };

  test("nodes are as tall as their visits and fit into the box", () => {
    const { nodes } = sankeyOf(journey, box, false);
    expect(nodes.map((node) => [node.name, node.height / (nodes[0]?.height ?? 1)])).toEqual([
      ["/", 1],
      ["/a", 0.5],
      [null, 0.3],
    ]);
    for (const node of nodes) expect(node.y + node.height).toBeLessThanOrEqual(box.height);
  });
  test("links of a node lie beside each other", () => {
    const { links } = sankeyOf(journey, box, false);
    const starts = links.map((link) => Number(/^M[\d.]+,([\d.]+)/.exec(link.path)?.[1]));
    const [first, second] = links;
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeCloseTo(
      ((first?.thickness ?? 0) + (second?.thickness ?? 0)) / 2,
      1,
    );
  });
  test("backwards, the end stands on the right", () => {
    const x = (backwards: boolean) => sankeyOf(journey, box, backwards).nodes.map((node) => node.x);
    expect(x(false)).toEqual([0, 490, 490]);
    expect(x(true)).toEqual([490, 0, 0]);
  });
});
