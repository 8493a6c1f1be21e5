// Owns the website that is counted: a few plain pages, one of them with client-side navigation.

import { serve } from "./http.ts";

export interface Site {
  /** `http://DOMAIN:PORT`; every name under `.example` leads to the same server. */
  origin: string;
  url(path: string, host?: string): string;
  close(): Promise<void>;
}

/** Serves `domain`, whose pages carry `head`, usually the project's snippet; other names lead to the same pages without it. `scripts` are served by path. */
export async function startSite(
  head: string,
  domain = "shop.example",
  scripts: Record<string, string> = {},
): Promise<Site> {
  const server = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    if (pathname.startsWith("/missing")) response.statusCode = 404;
    if (scripts[pathname]) {
      response.setHeader("content-type", "text/javascript");
      return response.end(scripts[pathname]);
    }
    if (pathname.endsWith(".pdf")) return response.writeHead(204).end();
    response.setHeader("content-type", "text/html; charset=utf-8");
    const counted = request.headers.host?.startsWith(`${domain}:`);
    response.end(page(pathname, counted ? head : "", server.port));
    return undefined;
  });
  const url = (path: string, host = domain): string => `http://${host}:${server.port}${path}`;
  return { origin: url(""), url, close: server.close };
}

function page(path: string, head: string, port: number): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${path === "/" ? "Start" : path.slice(1)}</title>
<link rel="icon" href="data:,">${head}</head>
<body style="min-height: 400vh">
<h1>${path}</h1>
<nav><a href="/">Start</a> <a href="/pricing">Pricing</a> <a href="/docs">Docs</a>
<a href="http://partner.example:${port}/offer?from=shop">Partner</a> <a href="/guide.pdf">Guide</a></nav>
<button data-almanac-event="Sign up" data-almanac-prop-plan="pro">Sign up</button>
<button class="plausible-event-name=Join plausible-event-plan=pro" data-umami-event="Join"
  data-umami-event-plan="pro">Join</button>
<button id="spa">Next step</button>
<script>
  let step = 0;
  document.getElementById("spa").addEventListener("click", () => {
    history.pushState({}, "", "/checkout/" + ++step);
    document.title = "Step " + step;
  });
</script>
</body></html>`;
}
