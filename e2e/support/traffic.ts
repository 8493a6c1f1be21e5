// Owns a handful of invented visits, sent as a server would, for tests that need a page with numbers.

import type { Almanac, Project } from "./almanac.ts";

const DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0";
const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";

const VISITS = [
  {
    agent: DESKTOP,
    zone: "Europe/Berlin",
    referrer: "https://www.google.com/",
    pages: ["/", "/pricing"],
  },
  {
    agent: PHONE,
    zone: "America/New_York",
    referrer: "https://news.ycombinator.com/",
    pages: ["/docs"],
  },
  {
    agent: PHONE,
    zone: "Asia/Tokyo",
    referrer: "",
    pages: ["/?utm_source=news&utm_medium=email", "/docs", "/join"],
  },
];

/** Sends every visit. Answers with the number of page views. */
export async function sendVisits(almanac: Almanac, project: Project): Promise<number> {
  let sent = 0;
  for (const { agent, zone, referrer, pages } of VISITS) {
    const events = pages.map((path) => ({
      n: "pageview",
      u: `https://${project.domain}${path}`,
      d: project.domain,
      r: referrer,
      z: zone,
      s: "1920x1080",
      l: "en-GB",
    }));
    const answer = await fetch(`${almanac.origin}/api/event`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": agent },
      body: JSON.stringify(events),
    });
    if (answer.status !== 202) throw new Error(`visit refused: ${await answer.text()}`);
    sent += events.length;
  }
  return sent;
}
