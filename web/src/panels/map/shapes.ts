// The countries' outlines, projected once when this chunk is loaded.
// Shapes: npm world-atlas (ISC), made from Natural Earth (public domain), bundled, never fetched.

import { geoNaturalEarth1, geoPath } from "d3-geo";
import type { FeatureCollection } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";
import { LETTERS_BY_NUMBER } from "./codes";

export const MAP_WIDTH = 600;
export const MAP_HEIGHT = 300;

const ANTARCTICA = "010";

export interface Shape {
  key: string;
  /** Two letters; null for a territory without a code. */
  code: string | null;
  path: string;
}

function project(): Shape[] {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection }>;
  const all = feature(topology, topology.objects.countries) as FeatureCollection;
  const features = all.features.filter((country) => country.id !== ANTARCTICA);
  const projection = geoNaturalEarth1().fitSize([MAP_WIDTH, MAP_HEIGHT], {
    type: "FeatureCollection",
    features,
  });
  const draw = geoPath(projection).digits(1);
  return features.map((country, index) => ({
    key: String(country.id ?? `other-${index}`),
    code: LETTERS_BY_NUMBER.get(String(country.id)) ?? null,
    path: draw(country) ?? "",
  }));
}

export const SHAPES: Shape[] = project();
