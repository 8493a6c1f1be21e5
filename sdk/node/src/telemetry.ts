// Owns the public interface: record a call, or wrap what is called. Refuses to let anything of its
// own reach the host, or to change what the wrapped code returns or throws.

import { buildEvent, type Details } from "./event.ts";
import { isOff, type Options, resolve, type Status } from "./options.ts";
import { createSender } from "./sender.ts";

/** A call, as it is told to `record`. */
export interface Call extends Details {
  tool: string;
  /** Default: `success`. */
  status?: Status | undefined;
}

/** Counts calls of tools. No method throws; `record` returns at once. */
export interface Telemetry {
  /** Counts one call. */
  record(call: Call): void;
  /** The same function, whose calls are counted under `name`; it may be `async`. */
  // biome-ignore lint/suspicious/noExplicitAny: any function may be wrapped, whatever it takes.
  tool<Wrapped extends (...args: any[]) => unknown>(name: string, run: Wrapped): Wrapped;
  /** Runs a command's main function, counts it, and closes. */
  command<Result>(name: string, main: () => Result | Promise<Result>): Promise<Result>;
  /** Tries to send what waits; true when nothing is left. */
  flush(): Promise<boolean>;
  /** Sends what waits within `exitWaitMs`, and spools the rest. Called when the process ends by itself. */
  close(): Promise<void>;
}

/** Starts counting. With `DO_NOT_TRACK` set, or `enabled: false`, nothing is recorded or sent. */
export function createTelemetry(given: Options): Telemetry {
  const options = resolve(given);
  const sender = isOff(options) ? undefined : createSender(options);
  let closing: Promise<void> | undefined;

  const record = ({ tool, status = "success", ...details }: Call): void => {
    quietly(() => sender?.add(buildEvent(options, tool, status, details)));
  };
  const close = (): Promise<void> => {
    closing ??= sender ? end() : Promise.resolve();
    return closing;
  };
  const end = async (): Promise<void> => {
    if (sender?.hasUnsent() && options.exitWaitMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      // This timer keeps the process alive on purpose, for so long and no longer.
      const isOver = new Promise((settle) => {
        timer = setTimeout(settle, options.exitWaitMs);
      });
      await Promise.race([sender.flush(), isOver]);
      clearTimeout(timer);
    }
    abandon();
  };
  const abandon = (): void => {
    process.off("beforeExit", close);
    process.off("exit", abandon);
    quietly(() => sender?.abandon());
  };
  if (sender) {
    process.on("beforeExit", close);
    // After `process.exit()` there is no time to send, but enough to keep.
    process.on("exit", abandon);
  }

  const tool: Telemetry["tool"] = (name, run) => {
    const counted = function (this: unknown, ...args: unknown[]): unknown {
      const started = performance.now();
      const finish = (status: Status, errorType?: string): void => {
        const durationMs = Math.round((performance.now() - started) * 1_000) / 1_000;
        record({ tool: name, status, errorType, durationMs });
      };
      const fail = (error: unknown): never => {
        finish(...verdict(error));
        throw error;
      };
      const succeed = <T>(result: T): T => {
        finish(saysError(result) ? "error" : "success");
        return result;
      };
      let result: unknown;
      try {
        result = run.apply(this, args);
      } catch (error) {
        return fail(error);
      }
      // Only a promise is waited for: to look at another thenable may be to start it.
      return result instanceof Promise ? result.then(succeed, fail) : succeed(result);
    };
    Object.defineProperties(counted, {
      name: { value: run.name, configurable: true },
      length: { value: run.length, configurable: true },
    });
    return counted as typeof run;
  };

  return {
    record,
    tool,
    async command(name, main) {
      try {
        return await tool(name, async () => main())();
      } finally {
        await close();
      }
    },
    flush: async () => (sender ? sender.flush() : true),
    close,
  };
}

/** How a call ended that threw, and the name of the error's class; never its message. */
function verdict(error: unknown): [Status, string] {
  let name = "Error";
  quietly(() => {
    const said = (error as { name?: unknown } | null | undefined)?.name;
    if (typeof said === "string" && /^[\w.:-]{1,100}$/.test(said)) name = said;
  });
  if (name === "TimeoutError") return ["timeout", name];
  if (name === "AbortError") return ["cancelled", name];
  return ["error", name];
}

/** A tool of MCP may fail by saying so. */
function saysError(result: unknown): boolean {
  let says = false;
  quietly(() => {
    says = (result as { isError?: unknown } | null | undefined)?.isError === true;
  });
  return says;
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Counting is never worth breaking what is counted.
  }
}
