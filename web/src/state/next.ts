// Where somebody wanted to go before signing in: a place of this site, whatever the address says.

/** The path behind `?next=`; the start page where it is none of this site. */
export function safeNext(search: string, origin = window.location.origin): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  // Only what the browser's own reading makes of it counts: it drops tabs and turns backslashes.
  if (!next.startsWith("/") || !URL.canParse(next, origin)) return "/";
  const { origin: leadsTo, pathname, search: asked, hash } = new URL(next, origin);
  return leadsTo === origin && !pathname.startsWith("//") ? pathname + asked + hash : "/";
}
