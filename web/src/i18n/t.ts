// Looks up messages and fills their `{placeholders}`. A key that is not in the catalogue, or a
// placeholder left out, is a type error.

import { en } from "./en";

export type MessageKey = keyof typeof en;

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type Values<Key extends MessageKey> = Placeholders<(typeof en)[Key]>;

/** Keys of messages that are complete as they are: the only ones that data may name. */
export type PlainKey = {
  [Key in MessageKey]: [Values<Key>] extends [never] ? Key : never;
}[MessageKey];

export function t<Key extends MessageKey>(
  key: Key,
  ...args: [Values<Key>] extends [never] ? [] : [Record<Values<Key>, string | number>]
): string {
  const values = args[0] as Record<string, string | number> | undefined;
  return en[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values?.[name] ?? whole));
}

/** The message of a key made of parts, such as a metric's name; the text itself if there is none. */
export function tName(prefix: "metric" | "dimension" | "event", name: string): string {
  const key = `${prefix}.${name}`;
  return key in en ? en[key as MessageKey] : name;
}
