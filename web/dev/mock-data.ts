// Made-up, believable, always the same numbers for developing without a server. Development only:
// nothing under `dev/` is bundled.

import type { Live, Project } from "../src/api/types";
import { addDays, type LocalDate, weekday } from "../src/question/dates";

export const PROJECTS: Project[] = [
  project("1", "Harbour Coffee", "harbour.example", "Europe/Berlin", "2025-09-01T08:00:00Z"),
  project("2", "Kestrel Docs", "docs.kestrel.example", "UTC", "2025-11-12T08:00:00Z"),
  project("3", "Field Notes", "notes.example", "America/New_York", null),
];

function project(
  id: string,
  name: string,
  domain: string,
  time_zone: string,
  first_event_at: string | null,
): Project {
  return {
    id,
    name,
    domain,
    hosts: [domain],
    time_zone,
    identity: "cookieless",
    created_at: "2025-09-01T08:00:00Z",
    first_event_at,
    query_parameters: [],
  };
}

/** A number in [0, 1) that depends on the text and on nothing else. */
export function noise(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 2246822519);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 4294967296;
}

const WEEK = [1.08, 1.12, 1.1, 1.05, 0.98, 0.76, 0.82];
const HOURS = [
  12, 8, 5, 4, 4, 7, 16, 34, 58, 74, 82, 80, 72, 76, 84, 82, 74, 66, 62, 64, 66, 56, 38, 22,
];
const HOURS_SUM = HOURS.reduce((a, b) => a + b, 0);

export function dayVisitors(site: string, date: LocalDate): number {
  const day = Math.round(Date.parse(date) / 86_400_000);
  const growth = 1 + (day - 20_400) / 900;
  const season = 1 + 0.12 * Math.sin(day / 23) + 0.05 * Math.sin(day / 5.3);
  const spike = noise(`spike${site}${date}`) > 0.97 ? 1.9 : 1;
  const size = site === "1" ? 2_450 : 870;
  const jitter = 0.92 + 0.16 * noise(site + date);
  return Math.round(size * growth * season * spike * jitter * (WEEK[weekday(date)] ?? 1));
}

export function hourVisitors(site: string, date: LocalDate, hour: number): number {
  const share = (HOURS[hour] ?? 0) / HOURS_SUM;
  return Math.round(
    dayVisitors(site, date) * share * (0.85 + 0.3 * noise(`${site}${date}${hour}`)),
  );
}

export const VALUES: Record<string, [string, number][]> = {
  "event:page": [
    ["/", 31],
    ["/coffee", 18],
    ["/coffee/harbour-blend", 12.4],
    ["/journal/how-to-brew-a-better-pour-over", 9.1],
    ["/subscriptions", 7.8],
    ["/cart", 6.2],
    ["/checkout", 3.9],
    ["/journal", 3.6],
    ["/about", 2.8],
    ["/coffee/ethiopia-guji", 2.5],
    ["/wholesale", 1.9],
    ["/contact", 1.2],
    ["/journal/water-matters", 1.1],
    ["/gift-cards", 0.9],
    ["/faq", 0.8],
    ["/imprint", 0.3],
    ["/privacy", 0.2],
    ...Array.from({ length: 90 }, (_, i): [string, number] => [
      `/coffee/lot-${140 + i}`,
      0.18 - i * 0.001,
    ]),
  ],
  "event:hostname": [
    ["harbour.example", 96],
    ["shop.harbour.example", 4],
  ],
  "visit:source": [
    ["Google", 38],
    ["Direct / None", 27],
    ["Instagram", 9.5],
    ["Bing", 5.2],
    ["DuckDuckGo", 4.4],
    ["Reddit", 3.7],
    ["newsletter", 3.3],
    ["ChatGPT", 2.9],
    ["Facebook", 2.1],
    ["coffeegeek.example", 1.4],
    ["YouTube", 1.1],
    ["Mastodon", 0.4],
  ],
  "visit:channel": [
    ["Organic Search", 44],
    ["Direct", 27],
    ["Organic Social", 13.8],
    ["Referral", 5.1],
    ["Email", 3.3],
    ["AI", 3.2],
    ["Paid Search", 2.4],
    ["Organic Video", 1.2],
  ],
  "visit:referrer": [
    ["google.com", 36],
    ["Direct / None", 27],
    ["instagram.com", 9.5],
    ["bing.com", 5.2],
    ["duckduckgo.com", 4.4],
    ["reddit.com/r/coffee", 3.7],
    ["chatgpt.com", 2.9],
    ["coffeegeek.example/reviews", 1.4],
  ],
  "visit:utm_source": [
    ["(not set)", 88],
    ["newsletter", 6],
    ["instagram", 3.4],
    ["google", 2.6],
  ],
  "visit:utm_medium": [
    ["(not set)", 88],
    ["email", 6],
    ["social", 3.4],
    ["cpc", 2.6],
  ],
  "visit:utm_campaign": [
    ["(not set)", 88],
    ["autumn-harvest", 5.1],
    ["new-subscribers", 3.8],
    ["gift-season", 3.1],
  ],
  "visit:utm_term": [
    ["(not set)", 97.4],
    ["single origin", 1.6],
    ["coffee subscription", 1],
  ],
  "visit:utm_content": [
    ["(not set)", 93],
    ["header", 4],
    ["footer", 3],
  ],
  "visit:country": [
    ["DE", 34],
    ["US", 17],
    ["GB", 9],
    ["AT", 6.5],
    ["CH", 5.8],
    ["FR", 4.9],
    ["NL", 4.2],
    ["PL", 2.9],
    ["ES", 2.4],
    ["IT", 2.2],
    ["SE", 1.6],
    ["CA", 1.5],
    ["DK", 1.3],
    ["IN", 1.1],
    ["AU", 0.9],
    ["BR", 0.8],
    ["JP", 0.7],
    ["NO", 0.6],
    ["ZA", 0.3],
    ["KE", 0.2],
  ],
  "visit:region": [
    ["Berlin", 11],
    ["Bavaria", 8],
    ["Hamburg", 7],
    ["California", 5],
    ["England", 7.5],
    ["Vienna", 4],
    ["Zürich", 3.1],
  ],
  "visit:city": [
    ["Berlin", 11],
    ["Hamburg", 7],
    ["Munich", 5.4],
    ["London", 5.1],
    ["Vienna", 4],
    ["Zürich", 3.1],
    ["New York", 2.2],
  ],
  "event:goal": [
    ["Reads the journal", 21.4],
    ["Purchase", 4.1],
    ["Newsletter", 3.3],
  ],
  "event:tool": [
    ["search_docs", 41],
    ["read_file", 26],
    ["run_query", 17],
    ["send_invoice", 9],
    ["translate", 5],
    ["resize_image", 2],
  ],
  "event:service": [
    ["assistant", 62],
    ["checkout", 25],
    ["back office", 13],
  ],
  "event:version": [
    ["2.4.1", 55],
    ["2.4.0", 31],
    ["2.3.9", 14],
  ],
  "event:status": [
    ["success", 97.6],
    ["error", 2.1],
    ["timeout", 0.3],
  ],
  "event:error_type": [
    ["rate_limited", 52],
    ["invalid_arguments", 33],
    ["connection_reset", 15],
  ],
  "event:model": [
    ["small-2", 58],
    ["large-5", 27],
    ["embed-3", 15],
  ],
  "event:provider": [
    ["Cirrus", 73],
    ["self-hosted", 27],
  ],
  "event:model_version": [
    ["2026-09", 70],
    ["2026-06", 30],
  ],
  "event:operation": [
    ["chat", 81],
    ["embeddings", 19],
  ],
  "visit:language": [
    ["de-DE", 38],
    ["en-US", 28],
    ["en-GB", 10],
    ["de-AT", 6],
    ["fr-FR", 5],
    ["nl-NL", 4],
  ],
  "visit:browser": [
    ["Chrome", 47],
    ["Safari", 29],
    ["Firefox", 10.5],
    ["Edge", 7.8],
    ["Samsung Internet", 2.9],
    ["Opera", 1.6],
  ],
  "visit:browser_version": [
    ["142.0", 52],
    ["141.0", 30],
    ["140.0", 9],
    ["139.0", 4],
  ],
  "visit:os": [
    ["iOS", 28],
    ["Windows", 26],
    ["macOS", 19],
    ["Android", 18],
    ["Linux", 7],
    ["Chrome OS", 1],
  ],
  "visit:os_version": [
    ["26.1", 48],
    ["26.0", 30],
    ["18.7", 12],
  ],
  "visit:device": [
    ["desktop", 52],
    ["mobile", 43],
    ["tablet", 5],
  ],
  "visit:screen": [
    ["1920x1080", 22],
    ["390x844", 18],
    ["1440x900", 12],
    ["1536x864", 9],
    ["412x915", 8],
  ],
  "event:name": [
    ["pageview", 100],
    ["Add to cart", 14],
    ["outbound", 8.2],
    ["Purchase", 4.1],
    ["Newsletter", 3.3],
    ["download", 1.2],
  ],
  "event:props:plan": [
    ["(none)", 62],
    ["monthly", 24],
    ["quarterly", 14],
  ],
};
VALUES["visit:entry_page"] = (VALUES["event:page"] ?? []).map(([v, n], i) => [
  v,
  i === 0 ? n * 1.3 : n * 0.8,
]);
VALUES["visit:exit_page"] = (VALUES["event:page"] ?? []).map(([v, n], i) => [
  v,
  i % 3 === 0 ? n * 1.1 : n * 0.7,
]);

export function live(site: string, second: number): Live {
  const wave = (minute: number) =>
    Math.max(0, Math.round(9 + 5 * Math.sin(minute / 4) + 5 * noise(`${site}${minute}`)));
  const minute = Math.floor(second / 60);
  const visitors = Math.max(
    1,
    Math.round(24 + 6 * Math.sin(second / 40) + 3 * noise(`${site}${second}`)),
  );
  const share = (list: [string, number][]) =>
    list
      .slice(0, 8)
      .map(([name, n]) => ({ name, visitors: Math.max(1, Math.round((visitors * n) / 60)) }));
  return {
    visitors,
    events_last_minute: 20 + Math.round(12 * noise(`rate${second}`)),
    minutes: Array.from({ length: 30 }, (_, i) => wave(minute - 29 + i)),
    pages: share(VALUES["event:page"] ?? []).map(({ name, visitors: v }) => ({
      page: name,
      visitors: v,
    })),
    sources: share(VALUES["visit:source"] ?? []).map(({ name, visitors: v }) => ({
      source: name,
      visitors: v,
    })),
    first_event_at: "2025-09-01T08:00:00Z",
    last_event_at: new Date(second * 1000).toISOString(),
  };
}

/** Dates from the first to the last, both included. */
export function datesFrom(from: LocalDate, to: LocalDate): LocalDate[] {
  const dates: LocalDate[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) dates.push(date);
  return dates;
}
