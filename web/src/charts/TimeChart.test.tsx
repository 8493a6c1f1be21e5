// The line and its area are one shape, also where the last bucket is still filling.

import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { layoutOf } from "./layout";
import { ChartDrawing } from "./TimeChart";

const points = [3, 40, 38, 2].map((value, hour) => ({
  label: `2026-11-21 0${hour}:00:00`,
  value,
  before: null,
}));

/** The `d` of every path in the chart: its area first, then its lines. */
function pathsOf(unfinished: boolean): string[] {
  const html = renderToStaticMarkup(
    <ChartDrawing
      layout={layoutOf(points, "visitors", 400, 40)}
      width={400}
      points={points}
      metric="visitors"
      interval="hour"
      unfinished={unfinished}
      active={null}
    />,
  );
  return [...html.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d ?? "");
}

test.each([
  ["finished", false, 1],
  ["unfinished", true, 2],
])("the upper edge of the area is the %s line", (_, unfinished, count) => {
  const [area = "", ...lines] = pathsOf(unfinished);
  expect(lines).toHaveLength(count);
  for (const line of lines) expect(area.startsWith(line)).toBe(true);
});
