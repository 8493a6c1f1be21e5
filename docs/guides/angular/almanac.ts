// Starts the analytics in the browser, and hands them to every component that asks.

import { isPlatformBrowser } from "@angular/common";
import {
  type EnvironmentProviders,
  InjectionToken,
  inject,
  makeEnvironmentProviders,
  PLATFORM_ID,
  provideAppInitializer,
} from "@angular/core";
import { type Almanac, init } from "@almanac-analytics/browser";

/** Null where a server renders the page. */
export const ALMANAC = new InjectionToken<Almanac | null>("almanac");

export function provideAlmanac(): EnvironmentProviders {
  return makeEnvironmentProviders([
    {
      provide: ALMANAC,
      useFactory: () =>
        isPlatformBrowser(inject(PLATFORM_ID))
          ? init({ api: "https://stats.example/api/event", domain: "shop.example" })
          : null,
    },
    // Counts the first page even if no component asks.
    provideAppInitializer(() => void inject(ALMANAC)),
  ]);
}
