// Hosts as they are pasted.

import { expect, test } from "vitest";
import { hostsOf } from "./hosts";

test.each([
  ["shop.example", ["shop.example"]],
  ["https://www.Shop.example/cart?x=1, docs.example", ["shop.example", "docs.example"]],
  [" a.example;a.example\nlocalhost:3000 ", ["a.example", "localhost:3000"]],
  ["", []],
])("%s names %s", (text, hosts) => expect(hostsOf(text)).toEqual(hosts));
