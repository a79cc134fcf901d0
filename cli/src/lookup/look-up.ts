import { resolve } from "node:path";
import { Intel, type IntelStatus } from "@vedette/collector";
import { createLogger } from "@vedette/core/telemetry";
import { createEgress, systemClock } from "@vedette/sdk";
import { loadWithSecrets } from "../config-secrets.ts";

export interface LookUp {
  readonly answers: readonly { readonly value: string; readonly lists: readonly string[] }[];
  readonly lists: readonly IntelStatus[];
}

/** Looks values up in the lists that a configuration names, without the network. */
export async function lookUp(values: readonly string[], file: string | undefined): Promise<LookUp> {
  const { config, baseDir } = await loadWithSecrets(file);
  const { intel, stateDir, egress } = config.collector;
  const lists = new Intel(intel, {
    baseDir,
    stateDir: resolve(baseDir, stateDir),
    egress: createEgress(egress),
    clock: systemClock,
    log: createLogger({ name: "lookup", level: "silent" }),
    signal: new AbortController().signal,
  });
  await lists.load();
  return { answers: values.map((value) => ({ value, lists: lists.find(value) })), lists: lists.status() };
}
