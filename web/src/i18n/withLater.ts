// Fetches what is shown later together with the messages that it needs.

import { know } from "./t";

export async function withLater<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const [loaded, { enLater }] = await Promise.all([load(), import("./enLater")]);
  know(enLater);
  return loaded;
}
