// A part of the page that could not be fetched without a network is fetched when it is back.

import { afterEach, expect, test, vi } from "vitest";
import { ErrorBoundary } from "./ErrorBoundary";

afterEach(() => vi.unstubAllGlobals());

/** How often the page is loaded anew when it breaks under this network and then gets one. */
function reloadsAfter(onLine: boolean): number {
  const reload = vi.fn();
  const window = Object.assign(new EventTarget(), { location: { reload } });
  vi.stubGlobal("window", window);
  vi.stubGlobal("navigator", { onLine });
  const boundary = new ErrorBoundary({ children: null });
  boundary.componentDidMount();
  boundary.state = ErrorBoundary.getDerivedStateFromError(new Error("not fetched"));
  window.dispatchEvent(new Event("online"));
  boundary.componentWillUnmount();
  window.dispatchEvent(new Event("online"));
  return reload.mock.calls.length;
}

test("broken while offline: once", () => expect(reloadsAfter(false)).toBe(1));
test("broken by itself: never", () => expect(reloadsAfter(true)).toBe(0));
