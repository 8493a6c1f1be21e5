// A small application with routes; page views need no code in it.

import { Component, inject, provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideRouter, RouterLink, RouterOutlet } from "@angular/router";
import { ALMANAC, provideAlmanac } from "./almanac";

@Component({ selector: "shop-plans", template: `<button (click)="order()">Order</button>` })
class Plans {
  private readonly almanac = inject(ALMANAC);
  order() {
    this.almanac?.track("Order", { plan: "pro" });
  }
}

@Component({ selector: "shop-start", template: "<h1>Shop</h1>" })
class Start {}

@Component({
  selector: "app-root",
  imports: [RouterLink, RouterOutlet],
  template: `<a routerLink="/plans">Plans</a><router-outlet />`,
})
class Root {}

await bootstrapApplication(Root, {
  providers: [
    provideZonelessChangeDetection(),
    provideRouter([
      { path: "", component: Start },
      { path: "plans", component: Plans },
    ]),
    provideAlmanac(),
  ],
});
