// A small application with routes; page views need no code in it.

import { createApp, defineComponent, h, inject } from "vue";
import { createRouter, createWebHistory, RouterLink, RouterView } from "vue-router";
import { almanac, almanacKey } from "./almanac";

const Plans = defineComponent({
  setup() {
    const analytics = inject(almanacKey);
    const order = () => analytics?.track("Order", { plan: "pro" });
    return () => h("button", { onClick: order }, "Order");
  },
});
const Shop = defineComponent(() => () => h("h1", "Shop"));
const Root = defineComponent(
  () => () => [h(RouterLink, { to: "/plans" }, () => "Plans"), h(RouterView)],
);

const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: Shop },
    { path: "/plans", component: Plans },
  ],
});
createApp(Root).use(router).use(almanac).mount("#app");
