// Counts calls of tools and commands for Almanac. The package is what this file names.

export type { Level, Options, Status } from "./options.ts";
export { type Call, createTelemetry, type Telemetry } from "./telemetry.ts";
