// Where the nodes and links of a journey lie. Steps are columns from left to right; a node is as
// tall as its visits, a link as thick as its own; nodes of a column are ordered so that links cross
// little (by the mean place of what leads to them). Pure geometry.

import { linkHorizontal } from "d3-shape";
import type { JourneyAnswer, JourneyNode } from "../api/behaviour";

export interface PlacedNode extends JourneyNode {
  key: string;
  x: number;
  y: number;
  height: number;
}

export interface PlacedLink {
  key: string;
  source: PlacedNode;
  target: PlacedNode;
  visits: number;
  path: string;
  thickness: number;
}

export interface Sankey {
  nodes: PlacedNode[];
  links: PlacedLink[];
}

export interface Box {
  width: number;
  height: number;
}

export const NODE_WIDTH = 10;
const GAP = 14;
const NODE_HEIGHT_MIN = 3;

const keyOf = (step: number, name: string | null) => `${step} ${name ?? "\u0000"}`;

/** `backwards`: what came before stands on the left, and the end of the journey on the right. */
export function sankeyOf(journey: JourneyAnswer, box: Box, backwards: boolean): Sankey {
  const columns: JourneyNode[][] = [];
  for (const node of journey.nodes) {
    const column = columns[node.step] ?? [];
    columns[node.step] = [...column, node];
  }
  const lastStep = Math.max(1, columns.length - 1);
  const scale = Math.min(
    ...columns.map((nodes) => {
      const room = box.height - GAP * (nodes.length - 1);
      return Math.max(0, room) / Math.max(1, sum(nodes));
    }),
  );
  const placed = new Map<string, PlacedNode>();
  columns.forEach((unordered, step) => {
    const nodes = ordered(unordered, journey, placed);
    const column = backwards ? lastStep - step : step;
    const heights = nodes.map((node) => Math.max(NODE_HEIGHT_MIN, node.visits * scale));
    let y = 0;
    nodes.forEach((node, index) => {
      const height = heights[index] ?? 0;
      const x = ((box.width - NODE_WIDTH) * column) / lastStep;
      placed.set(keyOf(step, node.name), { ...node, key: keyOf(step, node.name), x, y, height });
      y += height + GAP;
    });
  });
  return { nodes: [...placed.values()], links: linksOf(journey, placed, scale, backwards) };
}

const sum = (nodes: JourneyNode[]) => nodes.reduce((total, node) => total + node.visits, 0);

/** Beside what leads to them; the first column by size. */
function ordered(
  nodes: JourneyNode[],
  journey: JourneyAnswer,
  placed: Map<string, PlacedNode>,
): JourneyNode[] {
  const place = new Map(
    nodes.map((node) => {
      let weight = 0;
      let total = 0;
      for (const link of journey.links) {
        const source = placed.get(keyOf(link.step, link.from));
        if (link.step !== node.step - 1 || link.to !== node.name || !source) continue;
        weight += link.visits;
        total += link.visits * (source.y + source.height / 2);
      }
      return [node, weight > 0 ? total / weight : 0] as const;
    }),
  );
  return nodes.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0) || b.visits - a.visits);
}

function linksOf(
  journey: JourneyAnswer,
  placed: Map<string, PlacedNode>,
  scale: number,
  backwards: boolean,
): PlacedLink[] {
  const draw = linkHorizontal<
    unknown,
    { source: [number, number]; target: [number, number] },
    [number, number]
  >()
    .x(([x]) => x)
    .y(([, y]) => y);
  const left = new Map<string, number>();
  const right = new Map<string, number>();
  const ends = journey.links.flatMap((link) => {
    const source = placed.get(keyOf(link.step, link.from));
    const target = placed.get(keyOf(link.step + 1, link.to));
    return source && target ? [{ link, source, target }] : [];
  });
  // Links leave a node in the order in which their targets lie, so that they do not cross at once.
  ends.sort((a, b) => a.source.y - b.source.y || a.target.y - b.target.y);
  return ends.map(({ link, source, target }) => {
    const thickness = Math.max(1, link.visits * scale);
    const from = left.get(source.key) ?? 0;
    const to = right.get(target.key) ?? 0;
    left.set(source.key, from + thickness);
    right.set(target.key, to + thickness);
    const [out, into] = backwards ? [0, NODE_WIDTH] : [NODE_WIDTH, 0];
    const path = draw({
      source: [source.x + out, source.y + from + thickness / 2],
      target: [target.x + into, target.y + to + thickness / 2],
    });
    const key = `${source.key} ${target.key}`;
    return { key, source, target, visits: link.visits, path: path ?? "", thickness };
  });
}
