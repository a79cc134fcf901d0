export * from "./batch/index.ts";
export * from "./config/index.ts";
export * from "./telemetry/index.ts";
