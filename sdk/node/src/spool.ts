// Owns unsent events in a folder: one file per batch, named after the time it was written, so that
// processes never write to the same file. Refuses to throw: a disk that fails costs events, no more.

import { randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WireEvent } from "./event.ts";
import { SPOOL_AGE_MS_MAX, SPOOL_FILES_MAX } from "./limits.ts";

const BATCH = /^almanac-(\d+)-\w+\.json$/;

/** A bounded folder of batches. Two processes may send the same one; the server counts it once. */
export interface Spool {
  /** Keeps a batch; false when it could not be written. */
  put(events: WireEvent[]): Promise<boolean>;
  /** The same at the end of the process, when nothing can be waited for. */
  putNow(events: WireEvent[]): void;
  /** The batches that may still be sent, oldest first; old and surplus ones are removed. */
  batches(): Promise<string[]>;
  /** The events of a batch; none when it is gone or spoilt. */
  load(name: string): Promise<WireEvent[]>;
  remove(name: string): Promise<void>;
}

/** The spool in a folder, which is made when the first batch is put. */
export function createSpool(folder: string): Spool {
  const path = (name: string): string => join(folder, name);
  // Whoever lists the folder sees whole batches only: a file gets its name when it is written.
  const newName = (): string => {
    const written = `${Date.now()}`.padStart(15, "0");
    return `almanac-${written}-${randomBytes(4).toString("hex")}`;
  };
  const remove = (name: string): Promise<void> => rm(path(name), { force: true }).catch(ignore);

  const batches = async (): Promise<string[]> => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => BATCH.test(name)).sort();
    const oldest = Date.now() - SPOOL_AGE_MS_MAX;
    const fresh = names.filter((name) => Number(BATCH.exec(name)?.[1]) >= oldest);
    const kept = fresh.slice(-SPOOL_FILES_MAX);
    await Promise.all(names.filter((name) => !kept.includes(name)).map(remove));
    return kept;
  };

  return {
    async put(events) {
      const name = newName();
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(path(`${name}.tmp`), JSON.stringify(events));
        await rename(path(`${name}.tmp`), path(`${name}.json`));
      } catch {
        await remove(`${name}.tmp`);
        return false;
      }
      await batches();
      return true;
    },
    putNow(events) {
      const name = newName();
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(path(`${name}.tmp`), JSON.stringify(events));
        renameSync(path(`${name}.tmp`), path(`${name}.json`));
      } catch {
        rmSync(path(`${name}.tmp`), { force: true });
      }
    },
    batches,
    async load(name) {
      try {
        const events = JSON.parse(await readFile(path(name), "utf8"));
        return Array.isArray(events) ? events : [];
      } catch {
        return [];
      }
    },
    remove,
  };
}

function ignore(): void {}
