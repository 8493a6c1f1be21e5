// Owns every touch of the host page that could fail or throw: listeners, stored values, risky work.
// Refuses to let anything escape into the page: counting is never worth breaking what is counted.

/** Runs `work` and answers with its result, or with undefined when it threw. */
export function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Listens on the window while events travel down, which sees those of the document and of every element. */
export function listen<E extends Event>(types: string, handler: (event: E) => unknown): void {
  for (const type of types.split(" ")) {
    addEventListener(type, (event) => safely(() => handler(event as E)), true);
  }
}

/** A value of localStorage; nothing where storage is blocked. */
export function recall(key: string): string | null | undefined {
  return safely(() => localStorage.getItem(key));
}

/** Stores a value, or forgets it; does nothing where storage is blocked or full. */
export function remember(key: string, value?: string): void {
  safely(() => (value ? localStorage.setItem(key, value) : localStorage.removeItem(key)));
}
