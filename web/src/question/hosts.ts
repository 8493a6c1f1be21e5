// Hosts as people paste them: addresses, commas, new lines, capitals.

/** The bare host names in the text, without scheme, `www.`, path or doubles. */
export function hostsOf(text: string): string[] {
  const hosts = text
    .split(/[\s,;]+/)
    .map((part) =>
      part
        .trim()
        .toLowerCase()
        .replace(/^[a-z]+:\/\//, "")
        .replace(/[/?#].*$/, "")
        .replace(/^www\./, ""),
    )
    .filter((host) => host !== "");
  return [...new Set(hosts)];
}
