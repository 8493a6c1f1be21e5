// Owns event ids: UUID version 7, so that ids sort by time and any retry can be recognised.
// Refuses anything predictable: all but the time comes from the browser's cryptographic source.

/** A new UUIDv7 with 72 random bits; `now` is Unix milliseconds. */
export function uuid7(now: number): string {
  // Milliseconds have eleven hexadecimal digits from 2004 to 2527.
  const time = `0${now.toString(16)}`;
  // `crypto.randomUUID` would be shorter, but exists on secure pages only.
  return `${time.slice(0, 8)}-${time.slice(8)}-7xxx-8xxx-xxxxxxxxxxxx`.replace(/x/g, () =>
    ((crypto.getRandomValues(new Uint8Array(1))[0] as number) & 15).toString(16),
  );
}
