// Owns what a page made for Umami's script asks for in the attributes of its tag. Refuses to look
// at the page beyond the tag.

/** What the tag says. */
export interface Settings {
  /** Address that receives events. */
  api: string;
  website: string;
  auto: boolean;
  tag?: string | undefined;
  /** Hosts on which the page is counted; none: on all. */
  domains?: string[] | undefined;
  respectDnt: boolean;
  withoutSearch: boolean;
  withoutHash: boolean;
  /** Name of a function of the page that has the last word on a payload. */
  beforeSend?: string | undefined;
}

/** Reads the tag; `data-host-url` is where the server is, if not where the script came from. */
export function ofTag({ dataset, src }: HTMLScriptElement): Settings {
  const host = dataset.hostUrl ? `${dataset.hostUrl.replace(/\/$/, "")}/api/send` : undefined;
  return {
    api: host || new URL("/api/send", src).href,
    website: dataset.websiteId || "",
    auto: dataset.autoTrack !== "false",
    tag: dataset.tag,
    domains: dataset.domains?.split(",").map((domain) => domain.trim()),
    respectDnt: dataset.doNotTrack === "true",
    withoutSearch: dataset.excludeSearch === "true",
    withoutHash: dataset.excludeHash === "true",
    beforeSend: dataset.beforeSend,
  };
}
