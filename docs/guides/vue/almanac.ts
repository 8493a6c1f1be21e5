// A Vue plugin: starts the analytics once, and hands them to every component that asks.

import { type Almanac, init } from "@almanac-analytics/browser";
import type { App, InjectionKey } from "vue";

export const almanacKey: InjectionKey<Almanac> = Symbol("almanac");

export const almanac = {
  install(app: App) {
    app.provide(almanacKey, init({
      api: "https://stats.example/api/event",
      domain: "shop.example",
    }));
  },
};
