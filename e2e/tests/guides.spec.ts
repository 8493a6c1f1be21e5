// The examples of docs/guides, as they stand there but for the addresses, are counted by the real
// server; nginx, Caddy and PHP are Debian's, with what the guide gives.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { build } from "esbuild";
import { type Almanac, ask, freePort, type Project } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import { serve } from "../support/http.ts";

const GUIDES = fileURLToPath(new URL("../../docs/guides/", import.meta.url));
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
/** The first of the places at which a program of the system is, if it is there. */
const installed = (variable: string, ...places: string[]): string | undefined =>
  [process.env[variable] ?? "", ...places].find((path) => existsSync(path));
const NGINX = installed("ALMANAC_NGINX", "/usr/sbin/nginx", "/usr/local/sbin/nginx");
const CADDY = installed("ALMANAC_CADDY", "/usr/bin/caddy", "/usr/local/bin/caddy");
const PHP = installed("ALMANAC_PHP", "/usr/bin/php", "/usr/local/bin/php");
/** The addresses in the examples. */
const STATS = /https:\/\/stats\.example/g;
const DOMAIN = /shop\.example/g;

function example(path: string, almanac: Almanac, project: Project): string {
  const text = readFileSync(join(GUIDES, path), "utf8");
  return text.replace(STATS, almanac.origin).replace(DOMAIN, project.domain);
}

async function counted(almanac: Almanac, project: Project): Promise<Record<string, unknown>> {
  const question = { metrics: ["events"], dimensions: ["event:name"] };
  const rows = await ask(almanac, project, question);
  return Object.fromEntries(rows.map((row) => [row.dimensions[0], row.metrics[0]]));
}

test("plain HTML", async ({ page, almanac, project }) => {
  const html = example("html/index.html", almanac, project);
  const site = await serve((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end(html.replace("</head>", '<link rel="icon" href="data:,"></head>'));
  });
  await page.goto(`http://${project.domain}:${site.port}/`);
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect.poll(() => counted(almanac, project)).toEqual({ pageview: 1, "Sign up": 1 });
  await site.close();
});

for (const [framework, entry] of [
  ["React", "react/app.tsx"],
  ["Vue", "vue/main.ts"],
  ["Angular", "angular/main.ts"],
] as const) {
  test(framework, async ({ page, almanac, project }) => {
    const bundle = await build({
      entryPoints: [join(GUIDES, entry)],
      bundle: true,
      write: false,
      format: "esm",
      jsx: "automatic",
      // Angular's own build compiles its templates; here the browser does.
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
      inject: framework === "Angular" ? [join(MODULES, "@angular/compiler")] : [],
      define: { "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "false" },
      // The examples stand outside of this folder and of the SDK's.
      nodePaths: [MODULES],
      alias: {
        "@almanac-analytics/browser": fileURLToPath(
          new URL("../../sdk/browser/src/entry/module.ts", import.meta.url),
        ),
      },
    });
    const script = (bundle.outputFiles[0]?.text ?? "")
      .replace(STATS, almanac.origin)
      .replace(DOMAIN, project.domain);
    const site = await serve((request, response) => {
      const isScript = request.url === "/app.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      const head = '<title>Shop</title><link rel="icon" href="data:,">';
      const html = `<!doctype html>${head}<div id="app"></div><app-root></app-root><script type="module" src="/app.js"></script>`;
      response.end(isScript ? script : html);
    });
    await page.goto(`http://${project.domain}:${site.port}/`);
    await page.getByRole("link", { name: "Plans" }).click();
    await page.getByRole("button", { name: "Order" }).click();
    await expect.poll(() => counted(almanac, project)).toEqual({ pageview: 2, Order: 1 });
    const plans = await ask(almanac, project, {
      metrics: ["events"],
      dimensions: ["event:props:plan"],
      filters: [["is", "event:name", ["Order"]]],
    });
    expect(plans).toEqual([{ dimensions: ["pro"], metrics: [1] }]);
    await site.close();
  });
}

/** How a web server is started in front of both: it writes what it needs into the folder. */
interface Proxy {
  program: string | undefined;
  install: string;
  example: string;
  /** Writes the site's configuration around the example's, and answers with the words to start it. */
  configure(folder: string, port: number, example: string): Promise<string[]>;
}

const PROXIES: Record<string, Proxy> = {
  nginx: {
    program: NGINX,
    install: "nginx-light",
    example: "proxy/nginx.conf",
    async configure(folder, port, locations) {
      const configuration = join(folder, "nginx.conf");
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${folder}/${name};`)
        .join("\n");
      await writeFile(
        configuration,
        `daemon off; pid ${folder}/pid; error_log stderr warn; events {}
         http { access_log off; types { text/html html; } ${temporary}
           server { listen 127.0.0.1:${port}; root ${folder};\n${locations}\n} }`,
      );
      const words = ["-p", folder, "-e", "stderr", "-c", configuration];
      execFileSync(NGINX as string, ["-t", "-q", ...words]);
      return words;
    },
  },
  Caddy: {
    program: CADDY,
    install: "caddy",
    example: "proxy/Caddyfile",
    async configure(folder, port, block) {
      const configuration = join(folder, "Caddyfile");
      await writeFile(
        configuration,
        `{\n\tadmin off\n\tauto_https off\n}
http://:${port} {\n${block}\n\thandle {\n\t\troot * ${folder}\n\t\tfile_server\n\t}\n}\n`,
      );
      return ["run", "--config", configuration, "--adapter", "caddyfile"];
    },
  },
};

for (const [name, proxy] of Object.entries(PROXIES)) {
  test(`${name} in front of both`, async ({ page, almanac, project }) => {
    const { program, install } = proxy;
    test.skip(!program, `${name} is not installed: apt-get install ${install}`);
    const folder = await mkdtemp(join(tmpdir(), "almanac-proxy-"));
    // Started by root, its workers are somebody else.
    await chmod(folder, 0o755);
    const port = await freePort();
    const snippet = `<script defer src="/stats/js/almanac.js" data-api="/stats/api/event" data-domain="${project.domain}"></script>`;
    const html = `<!doctype html><title>Shop</title><link rel=icon href=data:,>${snippet}<h1>Shop</h1>`;
    await writeFile(join(folder, "index.html"), html);
    const block = example(proxy.example, almanac, project)
      .replaceAll("http://127.0.0.1:8080", almanac.origin)
      .replaceAll("127.0.0.1:8080", new URL(almanac.origin).host);
    const words = await proxy.configure(folder, port, block);
    const env = { ...process.env, HOME: folder };
    const running = spawn(program as string, words, { stdio: "ignore", env });
    try {
      await checkProxy(page, almanac, project, port);
    } finally {
      running.kill("SIGTERM");
      if (running.exitCode === null && running.signalCode === null) await once(running, "exit");
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** A visit asks nobody but the site; visitors have their own addresses, and no other path is open. */
async function checkProxy(page: Page, almanac: Almanac, project: Project, port: number) {
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isUp).toBe(true);
  const asked = new Set<string>();
  page.on("request", (request) => void asked.add(new URL(request.url()).host));
  await page.goto(`http://${project.domain}:${port}/`);
  await expect.poll(() => counted(almanac, project)).toEqual({ pageview: 1 });
  expect([...asked].filter(Boolean)).toEqual([`${project.domain}:${port}`]);

  // Two visitors by their own addresses; what a third claims to be is not believed.
  const visitors = async () =>
    (await ask(almanac, project, { metrics: ["visitors", "events"] }))[0];
  for (const [from, claim] of [
    ["127.0.0.2", ""],
    ["127.0.0.3", ""],
    ["127.0.0.3", "203.0.113.9"],
  ] as const) {
    expect(await send(port, project.domain, from, claim)).toBe(202);
  }
  await expect.poll(async () => (await visitors())?.metrics).toEqual([3, 4]);
  const elsewhere = await fetch(`http://127.0.0.1:${port}/stats/api/projects`);
  expect(elsewhere.status).toBe(404);
}

test("WordPress's plugin adds the script for visitors and not for editors", async () => {
  test.skip(!PHP, "PHP is not installed: apt-get install php-cli");
  // WordPress itself is not needed to see what is asked of it.
  const wordpress = `
    define("ABSPATH", "/"); $hooks = []; $queued = []; $edits = true;
    function add_action($name, $hook) { global $hooks; $hooks[$name] = $hook; }
    function add_filter($name, $hook) { add_action($name, $hook); }
    function current_user_can($what) { global $edits; return $edits; }
    function wp_enqueue_script(...$words) { global $queued; $queued[] = $words; }
    require "${join(GUIDES, "wordpress/almanac.php")}";
    $hooks["wp_enqueue_scripts"](); $none = count($queued);
    $edits = false; $hooks["wp_enqueue_scripts"]();
    $tag = $hooks["wp_script_attributes"](["id" => "almanac-js"]);
    echo json_encode([$none, $queued[0][0], $queued[0][1], $tag, $hooks["wp_script_attributes"]([])]);`;
  const told = execFileSync(PHP as string, ["-n", "-r", wordpress], { encoding: "utf8" });
  expect(JSON.parse(told)).toEqual([
    0,
    "almanac",
    "https://stats.example/js/almanac.js",
    { id: "almanac-js", "data-domain": "shop.example" },
    [],
  ]);
});

/** Sends a page view from an address of this machine, and answers with the status. */
function send(port: number, domain: string, from: string, claim: string): Promise<number> {
  const body = JSON.stringify({ n: "pageview", u: `https://${domain}/`, d: domain });
  const headers: Record<string, string> = {
    "content-type": "text/plain",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
  };
  if (claim) headers["x-forwarded-for"] = claim;
  const path = "/stats/api/event";
  const options = { host: "127.0.0.1", port, path, method: "POST", headers, localAddress: from };
  return new Promise((settle, fail) => {
    const sent = requestHttp(options, (answer) => settle(answer.resume().statusCode ?? 0));
    sent.on("error", fail);
    sent.end(body);
  });
}
