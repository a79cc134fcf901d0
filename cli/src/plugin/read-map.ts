import { readFileSync } from "node:fs";
import { parseSource, readSource } from "@vedette/core/config";
import type { JsonMap } from "@vedette/core/plugins/icon";
import { UsageError } from "../exit.ts";

/** Reads a map from a JSON or YAML file, or from stdin for `-`. Throws a `ConfigError` or a `UsageError`. */
export function readMap(path: string, option: string): JsonMap {
  const { value } = path === "-" ? parseSource(readFileSync(0, "utf8"), "stdin") : readSource(path);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`${option} must be a map, such as {"address": "203.0.113.7"}.`);
  return value as JsonMap;
}
