// The token of a one-time link. It stands behind the `#`, which browsers never send to a server.

export function linkToken(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "";
}
