// Owns what a page made for Plausible's script asks for: the name of the script, the attributes of
// its tag, and what is given to `plausible.init`. Refuses to look at the page beyond the tag.

import type { Options } from "../config";
import type { Props, WireEvent } from "../event";
import { FILE_TYPES } from "./limits";

/** What the small script does, whichever way it was asked. */
export interface Settings {
  /** For the parts shared with our own script. */
  options: Options;
  /** Clicks on links that leave the site. */
  outbound?: unknown;
  /** Endings of addresses whose clicks are downloads; none: downloads are not watched. */
  fileTypes?: string[] | undefined;
  /** Elements marked by classes. */
  tagged?: unknown;
  /** Submitted forms. */
  forms?: unknown;
  /** Pages that are counted, and pages that are not; patterns with `*` and `**`. */
  only?: string[] | undefined;
  except?: string[] | undefined;
  /** Properties of every event, which its own properties win over. */
  props: (name: string, options: unknown) => Props | undefined;
}

/** What a page may give to `plausible.init`. */
export interface Init {
  domain?: string;
  endpoint?: string;
  hashBasedRouting?: boolean;
  captureOnLocalhost?: boolean;
  autoCapturePageviews?: boolean;
  outboundLinks?: boolean;
  fileDownloads?: boolean | { fileExtensions: string[] };
  formSubmissions?: boolean;
  customProperties?: Props | ((name: string, options: unknown) => Props | undefined);
  transformRequest?: (event: WireEvent) => WireEvent | null;
}

/** Settings of `script.outbound-links.hash.js` and its like, whose words may stand in any order. */
export function ofTag(tag: HTMLElement, api: string, name: string): Settings {
  const words = name.split(".");
  const has = (word: string): boolean => words.includes(word);
  // Older pages write these attributes without `data-`.
  const read = (key: string): string | undefined =>
    tag.getAttribute(`data-${key}`) || tag.getAttribute(key) || undefined;
  const list = (key: string): string[] | undefined =>
    read(key)
      ?.split(",")
      .map((part) => part.trim());
  const props: Props = {};
  for (const { name: key, value } of tag.attributes) {
    if (has("pageview-props") && key.startsWith("event-")) props[key.slice(6)] = value;
  }
  return {
    options: {
      // Several domains would each get the event, as they do there.
      domain: read("domain"),
      api: read("api") || api,
      hash: has("hash"),
      local: has("local"),
      auto: !has("manual"),
    },
    outbound: has("outbound-links"),
    fileTypes: has("file-downloads")
      ? list("file-types") || [...FILE_TYPES, ...(list("add-file-types") || [])]
      : undefined,
    tagged: has("tagged-events"),
    only: has("exclusions") ? list("include") : undefined,
    except: has("exclusions") ? list("exclude") : undefined,
    props: () => props,
  };
}

/** Settings of the newer script, which is called `pa-….js` and waits for `plausible.init`. */
export function ofInit(init: Init, api: string): Settings {
  const { customProperties: props, fileDownloads: files, transformRequest: transform } = init;
  return {
    options: {
      domain: init.domain,
      api: init.endpoint || api,
      hash: !!init.hashBasedRouting,
      local: !!init.captureOnLocalhost,
      auto: init.autoCapturePageviews !== false,
      ...(transform && { transform }),
    },
    outbound: init.outboundLinks !== false,
    fileTypes:
      files === false
        ? undefined
        : files === undefined || files === true
          ? FILE_TYPES
          : files.fileExtensions,
    tagged: true,
    forms: init.formSubmissions !== false,
    props: (name, options) => (typeof props === "function" ? props(name, options) : props),
  };
}
