// Fetches what is shown later together with the messages that it needs.

import { know } from "./t";

export async function withLater<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const [loaded, { enLater }, { enAccount }] = await Promise.all([
    load(),
    import("./enLater"),
    import("./enAccount"),
  ]);
  know({ ...enLater, ...enAccount });
  return loaded;
}
