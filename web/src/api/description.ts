// Reads the description of the HTTP API into what its page shows: operations by tag, each with its
// parameters, bodies and answers, references followed. It knows no more of OpenAPI than that.

interface Described {
  $ref?: string;
  description?: string;
  content?: Record<string, { schema?: Shape; example?: unknown }>;
}

export interface Shape {
  $ref?: string;
  type?: string | string[];
  description?: string;
  example?: unknown;
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  enum?: string[];
  oneOf?: Shape[];
  allOf?: Shape[];
}

interface RawOperation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: Described;
  responses: Record<string, Described>;
}

export interface ApiDescription {
  info: { title: string; version: string };
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, Shape>; responses: Record<string, Described> };
}

/** What may be carried or answered: its name, its fields, and an example. */
export interface Content {
  name: string;
  fields: { name: string; type: string; required: boolean; description: string }[];
  example: string | null;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  /** Kinds of credentials, one of which is needed; an empty text is none. */
  access: string[];
  parameters: { name: string; in: string; required: boolean; description: string }[];
  body: Content | null;
  answers: { status: string; description: string; content: Content | null }[];
}

export interface Section {
  name: string;
  description: string;
  operations: Operation[];
}

/** The operations under their tags, in the order of both. */
export function sectionsOf(described: ApiDescription): Section[] {
  const all = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      tag: raw.tags?.[0],
      operation: operationOf(described, path, method, raw),
    })),
  );
  return described.tags.map(({ name, description = "" }) => ({
    name,
    description,
    operations: all.filter(({ tag }) => tag === name).map(({ operation }) => operation),
  }));
}

/** The sections with only those operations that have every word. */
export function having(sections: Section[], words: string): Section[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (operation: Operation) => {
    const text = `${operation.method} ${operation.path} ${operation.summary}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  return sections
    .map((section) => ({ ...section, operations: section.operations.filter(fits) }))
    .filter((section) => section.operations.length > 0);
}

function operationOf(
  described: ApiDescription,
  path: string,
  method: string,
  raw: RawOperation,
): Operation {
  const answers = Object.entries(raw.responses).map(([status, answer]) => {
    const whole = answer.$ref ? described.components.responses[nameOf(answer.$ref)] : answer;
    return {
      status,
      description: whole?.description ?? "",
      content: contentOf(described, whole),
    };
  });
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? raw.operationId,
    description: raw.description ?? "",
    access: (raw.security ?? []).map((scheme) => Object.keys(scheme)[0] ?? ""),
    parameters: (raw.parameters ?? []).map((parameter) => ({
      name: parameter.name,
      in: parameter.in,
      required: parameter.required ?? false,
      description: parameter.description ?? "",
    })),
    body: contentOf(described, raw.requestBody),
    answers,
  };
}

function contentOf(described: ApiDescription, carried: Described | undefined): Content | null {
  const [type, content] = Object.entries(carried?.content ?? {})[0] ?? [];
  if (!type || !content) return null;
  const shape = followed(described, content.schema);
  const example = content.example ?? shape.example;
  return {
    name: content.schema?.$ref ? nameOf(content.schema.$ref) : type,
    fields: Object.entries(shape.properties ?? {}).map(([name, field]) => ({
      name,
      type: typeOf(field),
      required: shape.required?.includes(name) ?? false,
      description: field.description ?? "",
    })),
    example: example === undefined ? null : written(example),
  };
}

function followed(described: ApiDescription, shape: Shape | undefined): Shape {
  if (!shape) return {};
  if (shape.$ref) return followed(described, described.components.schemas[nameOf(shape.$ref)]);
  if (!shape.allOf) return shape;
  const parts = shape.allOf.map((part) => followed(described, part));
  return {
    ...shape,
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: parts.flatMap((part) => part.required ?? []),
  };
}

function typeOf(shape: Shape): string {
  if (shape.$ref) return nameOf(shape.$ref);
  if (shape.enum) return shape.enum.join(" | ");
  if (shape.oneOf) return shape.oneOf.map(typeOf).join(" | ");
  const types = [shape.type ?? "any"].flat();
  return types
    .map((type) => (type === "array" ? `${typeOf(shape.items ?? {})}[]` : type))
    .join(" | ");
}

const nameOf = (reference: string) => reference.split("/").at(-1) ?? reference;

function written(example: unknown): string {
  return typeof example === "string" ? example : shortened(JSON.stringify(example, null, 2));
}

/** Lists without objects on one line each, as a person would write them. */
function shortened(json: string): string {
  const short = json.replace(
    /\[\s+([^{}\n]*(?:\n[^{}[\]]*)*)\n\s*\]/g,
    (_, inside: string) => `[${inside.replace(/\s*\n\s*/g, " ")}]`,
  );
  return short === json ? json : shortened(short);
}
