// Values of dimensions as people write them: countries and languages by
// name, in the reader's language. No flags: half of all systems cannot draw them.

const regions = new Intl.DisplayNames(undefined, { type: "region" });
const languages = new Intl.DisplayNames(undefined, { type: "language" });

function named(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    // Not a code: a label such as "(not set)".
    return code;
  }
}

export const countryName = (code: string): string =>
  /^[A-Za-z]{2}$/.test(code) ? named(regions, code.toUpperCase()) : code;

/** The two letters to show before a country's name; null for anything else. */
export const countryCode = (dimension: string, value: string): string | null =>
  dimension === "visit:country" && /^[A-Za-z]{2}$/.test(value) ? value.toUpperCase() : null;

/** What a row of a breakdown is called. */
export function valueName(dimension: string, value: string): string {
  if (dimension === "visit:country") return countryName(value);
  if (dimension === "visit:language")
    return value.startsWith("(") ? value : named(languages, value);
  if (dimension === "visit:device") return value.charAt(0).toUpperCase() + value.slice(1);
  return value;
}
