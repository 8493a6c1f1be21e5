// What the SDK has persisted is counted exactly once by the real server, however tabs, the network
// and the server come and go. `ALMANAC_SOAK=500` runs 500 cycles; the gate runs a few.

import type { BrowserContext, Page } from "@playwright/test";
import { type Almanac, ask, type Project } from "../support/almanac.ts";
import { expect, test } from "../support/fixtures.ts";
import { startSite } from "../support/site.ts";

const CYCLES = Number(process.env.ALMANAC_SOAK ?? 25);
const SEED = Number(process.env.ALMANAC_SEED ?? 20261121);
const TABS = 5;
const EVENTS_PER_CYCLE_MAX = 4;
/** One cycle in so many kills the server too. */
const SERVER_KILL_CYCLES = 12;
/** Longest that a tab is waited for which may be dead. */
const PATIENCE_MS = 10_000;
/** Longest that the last tab needs to send what all the others left. */
const DRAIN_MS = 20_000;
/** Longest that a cycle takes on a machine that has much else to do; only a hang reaches the sum. */
const CYCLE_MS = 20_000;

type Counted = { almanac: { track(name: string, metadata: object): void } };

/** Numbers in [0, limit), the same for the same seed (a linear congruential generator). */
function dice(seed: number): (limit: number) => number {
  let state = BigInt(seed);
  return (limit) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
    return Number((state >> 33n) % BigInt(limit));
  };
}

/** Tracks events by number in one task of the page; once it answers, all of them are on the shelf. */
async function track(page: Page, numbers: number[]): Promise<boolean> {
  const work = page.evaluate((list) => {
    for (const number of list) {
      (window as unknown as Counted).almanac.track("Beat", { props: { number: `${number}` } });
    }
    return true;
  }, numbers);
  return answers(work);
}

/** Ends a tab: closed, killed without a last word, or sent elsewhere; some stay for later cycles. */
async function end(page: Page, roll: number, elsewhere: string): Promise<boolean> {
  switch (roll) {
    case 0:
      await page.close({ runBeforeUnload: false });
      return true;
    case 1: {
      const killed = page.waitForEvent("crash").catch(() => undefined);
      // A neighbour's death may have taken it already.
      const protocol = await page
        .context()
        .newCDPSession(page)
        .catch(() => undefined);
      void protocol?.send("Page.crash").catch(() => undefined);
      if (protocol) await killed;
      await page.close();
      return true;
    }
    case 2:
      await page.goto(elsewhere, { waitUntil: "commit" }).catch(() => undefined);
      return false;
    default:
      return false;
  }
}

async function countedNumbers(almanac: Almanac, project: Project): Promise<Map<string, number>> {
  const rows = await ask(almanac, project, {
    metrics: ["events"],
    dimensions: ["event:props:number"],
    filters: [["is", "event:name", ["Beat"]]],
  });
  return new Map(
    rows.map(({ dimensions, metrics }) => [dimensions[0] as string, metrics[0] as number]),
  );
}

test(`${CYCLES} cycles of dead networks, tabs and servers lose and double nothing`, async ({
  context,
  almanac,
  project,
}) => {
  test.setTimeout(60_000 + DRAIN_MS + CYCLES * CYCLE_MS);
  const site = await startSite(
    project.snippet.replace("<script ", "<script data-offline "),
    project.domain,
  );
  const roll = dice(SEED);
  const persisted: string[] = [];
  const uncertain: string[] = [];
  let next = 0;
  let tabs: Page[] = [];
  context.setDefaultTimeout(PATIENCE_MS);

  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    while (tabs.length < TABS) tabs.push(await openTab(context, site.url("/")));
    const isServerKilled = cycle % SERVER_KILL_CYCLES === 0;
    const isOffline = roll(2) === 0;
    if (cycle % 50 === 0) console.log(`cycle ${cycle}, ${persisted.length} events persisted`);
    if (isServerKilled) await almanac.kill();
    if (isOffline) await setOffline(context, true);
    for (const tab of tabs.filter(() => roll(2) === 0)) {
      const numbers = Array.from({ length: 1 + roll(EVENTS_PER_CYCLE_MAX) }, () => next++);
      const list = (await track(tab, numbers)) ? persisted : uncertain;
      list.push(...numbers.map(String));
    }
    // Tabs of one site may share a process, which takes all of them with it.
    const ended = await Promise.all(
      tabs.slice(0, 2).map((tab) => end(tab, roll(4), site.url("/docs", "elsewhere.example"))),
    );
    tabs = tabs.filter(
      (tab, index) => !ended[index] && !tab.isClosed() && isOurs(tab, site.origin),
    );
    if (isServerKilled) await almanac.restart();
    if (isOffline) await setOffline(context, false);
  }

  await Promise.all(context.pages().map((page) => page.close()));
  const last = await openTab(context, site.url("/"));
  const unsent = () =>
    last.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("almanac_q:")));
  await expect.poll(unsent, { timeout: DRAIN_MS }).toEqual([]);
  // The last request was answered, so all is in the queue; the pump needs a moment for the store.
  let counted = new Map<string, number>();
  const lost = async () => {
    counted = await countedNumbers(almanac, project);
    return persisted.filter((number) => !counted.has(number));
  };
  await expect.poll(lost, { timeout: DRAIN_MS }).toEqual([]);
  const doubled = [...counted].filter(([, count]) => count !== 1);
  const unknown = [...counted.keys()].filter(
    (number) => !persisted.includes(number) && !uncertain.includes(number),
  );
  expect({ doubled, unknown }).toEqual({ doubled: [], unknown: [] });
  console.log(
    `seed ${SEED}: ${CYCLES} cycles, ${persisted.length} events persisted, 0 lost, 0 doubled`,
  );
  await site.close();
});

/** Opens a page of the site, even over a network or a server that comes back only now. */
async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => "almanac" in window);
  return page;
}

/** Switches the network of all tabs. One that died with its neighbour answers nothing, and is closed. */
async function setOffline(context: BrowserContext, offline: boolean): Promise<void> {
  const isAlive = (page: Page) => answers(page.evaluate(() => true));
  for (let isDone = false; !isDone; ) {
    for (const page of context.pages()) if (!(await isAlive(page))) await page.close();
    isDone = await answers(context.setOffline(offline).then(() => true));
  }
}

/** Whether it comes true before patience ends; a dead process may leave a question open for ever. */
async function answers(question: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<boolean>((settle) => {
    timer = setTimeout(settle, PATIENCE_MS, false);
  });
  const answer = await Promise.race([question.catch(() => false), isOver]);
  clearTimeout(timer);
  return answer;
}

function isOurs(page: Page, origin: string): boolean {
  return page.url().startsWith(origin);
}
