// Looks up messages and fills their `{placeholders}`. A key that is not in the catalogue, or a
// placeholder left out, is a type error.

import { en } from "./en";
import type { enAccount } from "./enAccount";
import type { enLater } from "./enLater";

type Later = typeof enLater & typeof enAccount;
type Messages = typeof en & Later;

export type MessageKey = keyof Messages;

/** What is known so far: the first page's messages, then all. */
let messages: Partial<Record<MessageKey, string>> = en;

/** Makes the messages of later pages known, before one of those pages is shown. */
export function know(later: Partial<Later>): void {
  messages = { ...en, ...later };
}

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type Values<Key extends MessageKey> = Placeholders<Messages[Key]>;

/** Keys of messages that are complete as they are: the only ones that data may name. */
export type PlainKey = {
  [Key in MessageKey]: [Values<Key>] extends [never] ? Key : never;
}[MessageKey];

export function t<Key extends MessageKey>(
  key: Key,
  ...args: [Values<Key>] extends [never] ? [] : [Record<Values<Key>, string | number>]
): string {
  const values = args[0] as Record<string, string | number> | undefined;
  const message: string = messages[key] ?? key;
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values?.[name] ?? whole));
}

const PROPERTY_PREFIX = "event:props:";

/**
 * The message of a key made of parts, such as a metric's name; the text itself if there is none. A
 * property is called what the reader calls it.
 */
export function tName(prefix: "metric" | "dimension" | "event", name: string): string {
  const own = name.startsWith(PROPERTY_PREFIX) ? name.slice(PROPERTY_PREFIX.length) : name;
  return messages[`${prefix}.${name}` as MessageKey] ?? own;
}
