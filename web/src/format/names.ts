// Values of dimensions as people write them: countries by name and flag, screens with a cross.

const regions = new Intl.DisplayNames(undefined, { type: "region" });
const languages = new Intl.DisplayNames(undefined, { type: "language" });

const REGIONAL_INDICATOR_A = 0x1f1e6;

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

export function flagOf(code: string): string | null {
  if (!/^[A-Za-z]{2}$/.test(code)) return null;
  const letters = [...code.toUpperCase()];
  return String.fromCodePoint(...letters.map((c) => REGIONAL_INDICATOR_A + c.charCodeAt(0) - 65));
}

/** What a row of a breakdown is called. */
export function valueName(dimension: string, value: string): string {
  if (dimension === "visit:country") return countryName(value);
  if (dimension === "visit:language")
    return value.startsWith("(") ? value : named(languages, value);
  if (dimension === "visit:device") return value.charAt(0).toUpperCase() + value.slice(1);
  return value;
}
