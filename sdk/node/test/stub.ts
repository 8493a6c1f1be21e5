// Owns a server for tests of the client: it keeps what it was sent, and answers as the test says,
// which may be never, or nonsense.

import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { vi } from "vitest";
import type { WireEvent } from "../src/event.ts";

export interface Batch {
  project: string;
  level: string;
  sent_at: number;
  events: WireEvent[];
}

export interface Stub {
  url: string;
  batches: Batch[];
  events(): WireEvent[];
  /** Settles when so many requests have come. */
  requests(count: number): Promise<void>;
  close(): Promise<void>;
}

/** An answer with a status. */
export function reply(status: number, headers = "", body = "{}"): string {
  return `HTTP/1.1 ${status} x\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`;
}

/** `answers` are sent as they are, one for each request, then 202 for ever; null is never answered. */
export async function startStub(...answers: (string | null)[]): Promise<Stub> {
  const batches: Batch[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [head = "", body = ""] = text.split("\r\n\r\n", 2);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (Buffer.byteLength(body) < length) return;
      batches.push(JSON.parse(body));
      const answer = answers.length ? answers.shift() : reply(202);
      if (answer != null) socket.end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    batches,
    events: () => batches.flatMap(({ events }) => events),
    requests: (count) =>
      vi.waitFor(
        () => {
          if (batches.length < count)
            throw new Error(`${batches.length} of ${count} requests came`);
        },
        { timeout: 20_000 },
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** An address at which nobody listens. */
export async function closedPort(): Promise<string> {
  const stub = await startStub();
  await stub.close();
  return stub.url;
}
