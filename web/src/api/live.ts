// The live feed of a project: server-sent events, reconnecting, with polling when they fail.
// Feeds are shared: however many components watch a project, one connection is open, and none while
// nobody sees the page: browsers open six to a server, and a page that is hidden, or kept to go back
// to, would hold one of them.

import { useSyncExternalStore } from "react";
import { api } from "./client";
import type { Live } from "./types";

export type Connection = "connecting" | "live" | "polling" | "offline";

export interface LiveState {
  live: Live | null;
  connection: Connection;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
const POLL_MS = 5_000;
/** After this many failed connections in a row we poll, and go on trying to connect. */
const FAILURES_BEFORE_POLLING = 2;

/** One project's connection; exported for its tests. */
export class Feed {
  state: LiveState = { live: null, connection: "connecting" };
  private readonly listeners = new Set<() => void>();
  private source: EventSource | null = null;
  private retryTimer = 0;
  private pollTimer = 0;
  private failures = 0;
  /** The poll in flight. What is pushed is newer than what it will bring, so a push calls it off. */
  private poll: AbortController | null = null;
  private readonly project: string;

  constructor(project: string) {
    this.project = project;
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) {
      document.addEventListener("visibilitychange", this.onVisibility);
      this.onVisibility();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      document.removeEventListener("visibilitychange", this.onVisibility);
      this.disconnect();
    };
  };

  private onVisibility = () => {
    this.disconnect();
    if (document.visibilityState === "visible") this.connect();
  };

  private set(next: Partial<LiveState>) {
    this.state = { ...this.state, ...next };
    for (const listener of this.listeners) listener();
  }

  private connect = () => {
    const source = new EventSource(api.liveUrl(this.project));
    this.source = source;
    source.addEventListener("live", (event) => {
      this.failures = 0;
      this.stopPolling();
      this.set({ live: JSON.parse(event.data) as Live, connection: "live" });
    });
    source.addEventListener("error", () => {
      // The browser's own reconnection gives up on some answers, so it is done here.
      source.close();
      this.failures += 1;
      const wait = Math.min(RETRY_FIRST_MS * 2 ** (this.failures - 1), RETRY_MAX_MS);
      this.retryTimer = window.setTimeout(this.connect, wait * (0.75 + Math.random() / 2));
      if (this.pollTimer === 0) this.set({ connection: "connecting" });
      if (this.failures >= FAILURES_BEFORE_POLLING && this.pollTimer === 0) {
        this.pollTimer = window.setInterval(this.ask, POLL_MS);
        void this.ask();
      }
    });
  };

  private ask = async () => {
    if (this.poll) return;
    const poll = new AbortController();
    this.poll = poll;
    let next: Partial<LiveState>;
    try {
      next = { live: await api.realtime(this.project, poll.signal), connection: "polling" };
    } catch {
      next = { connection: "offline" };
    }
    if (poll.signal.aborted) return;
    this.poll = null;
    this.set(next);
  };

  private stopPolling() {
    window.clearInterval(this.pollTimer);
    this.pollTimer = 0;
    this.poll?.abort();
    this.poll = null;
  }

  private disconnect() {
    this.source?.close();
    this.source = null;
    window.clearTimeout(this.retryTimer);
    this.stopPolling();
    this.failures = 0;
    this.state = { ...this.state, connection: "connecting" };
  }
}

const feeds = new Map<string, Feed>();

function feedOf(project: string): Feed {
  let feed = feeds.get(project);
  if (!feed) {
    feed = new Feed(project);
    feeds.set(project, feed);
  }
  return feed;
}

export function useLive(project: string): LiveState {
  const feed = feedOf(project);
  return useSyncExternalStore(feed.subscribe, () => feed.state);
}
