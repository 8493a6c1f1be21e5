// A journey drawn: nodes as bars, links as ribbons. A press on a node starts the journey there. The
// table beside it holds the same numbers for keyboard and screen reader.

import { useState } from "react";
import type { JourneyAnswer } from "../api/behaviour";
import { useWidth } from "../charts/size";
import { formatCount, formatShort } from "../format/number";
import { t } from "../i18n/t";
import { NODE_WIDTH, type PlacedLink, type PlacedNode, sankeyOf } from "./sankey";

const HEIGHT = 440;
/** Narrower columns leave no room for names: the chart scrolls instead. */
const COLUMN_WIDTH_MIN = 190;
/** Room for the names of the last column. */
const LABEL_WIDTH = 150;

export function SankeyChart({
  journey,
  backwards,
  onStart,
}: {
  journey: JourneyAnswer;
  backwards: boolean;
  onStart: (name: string) => void;
}) {
  const [box, available] = useWidth<HTMLElement>();
  const [hovered, setHovered] = useState<string | null>(null);
  const columns = new Set(journey.nodes.map((node) => node.step)).size;
  const width = Math.max(available, columns * COLUMN_WIDTH_MIN);
  const { nodes, links } = sankeyOf(
    journey,
    { width: width - LABEL_WIDTH, height: HEIGHT },
    backwards,
  );
  const dimmed = (link: PlacedLink) =>
    hovered !== null && link.source.key !== hovered && link.target.key !== hovered;
  return (
    <section
      ref={box}
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("journeys.title")}
    >
      {available > 0 && (
        <svg
          width={width}
          height={HEIGHT + 12}
          className="block"
          role="img"
          aria-label={t("journeys.chart")}
        >
          <g transform="translate(0 6)" fill="none">
            {links.map((link) => (
              <path
                key={link.key}
                d={link.path}
                stroke="var(--accent)"
                strokeWidth={link.thickness}
                strokeOpacity={dimmed(link) ? 0.05 : hovered ? 0.38 : 0.18}
                className="transition-[stroke-opacity]"
              >
                <title>
                  {`${nameOf(link.source)} → ${nameOf(link.target)}: ${formatCount(link.visits)}`}
                </title>
              </path>
            ))}
          </g>
          <g transform="translate(0 6)">
            {nodes.map((node) => (
              <Node key={node.key} node={node} onHover={setHovered} onStart={onStart} />
            ))}
          </g>
        </svg>
      )}
    </section>
  );
}

/** Names beyond the most frequent ones are one. */
export const nameOf = ({ name }: { name: string | null }): string => name ?? t("journeys.others");

function Node({
  node,
  onHover,
  onStart,
}: {
  node: PlacedNode;
  onHover: (key: string | null) => void;
  onStart: (name: string) => void;
}) {
  const { name } = node;
  const label = nameOf(node);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table is the keyboard's way.
    <g
      className={name === null ? "" : "cursor-pointer"}
      onPointerEnter={() => onHover(node.key)}
      onPointerLeave={() => onHover(null)}
      onClick={() => name !== null && onStart(name)}
    >
      <rect
        x={node.x}
        y={node.y}
        width={NODE_WIDTH}
        height={node.height}
        rx="2.5"
        fill={name === null ? "var(--ink-3)" : "var(--accent)"}
      />
      <title>
        {t("journeys.node", {
          name: label,
          visits: formatCount(node.visits),
          ends: formatCount(node.ends),
        })}
      </title>
      <text
        x={node.x + NODE_WIDTH + 7}
        y={node.y + node.height / 2}
        dy="0.34em"
        className={`text-[12px] ${name === null ? "fill-ink-3" : "fill-ink"}`}
        paintOrder="stroke"
        stroke="var(--surface)"
        strokeWidth="3"
        strokeLinejoin="round"
      >
        {shortened(label)}
        <tspan className="fill-ink-3" dx="6">
          {formatShort(node.visits)}
        </tspan>
      </text>
    </g>
  );
}

const NAME_CHARS_MAX = 18;

const shortened = (name: string) =>
  name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX - 1)}…` : name;
