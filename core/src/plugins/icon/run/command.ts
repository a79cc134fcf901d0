import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ChildCommand } from "@vedette/sdk/input";
import { z } from "zod";
import { readSource, requireConfig } from "../../../config/index.ts";
import { type Confinement, launched } from "../../isolation/index.ts";
import type { IconSpec } from "../spec/model.ts";
import { hostError } from "./failure.ts";
import { expectedOf, isPython } from "./runtime.ts";

/** The file beside a spec that says how Vedette starts the plugin. */
export const hostFileName = "vedette.plugin.yaml";

const words = z.array(z.string().min(1).max(4_096)).min(1).max(200);

/** `vedette.plugin.yaml` */
export const hostFile = z.strictObject({
  command: words
    .optional()
    .describe(
      "Program and arguments; no shell reads them. `run`, `test` and so on are added. Default: bin/icon_<name>.",
    ),
  inheritEnv: z
    .array(z.string().min(1).max(255))
    .max(256)
    .default(["PATH", "LANG", "TZ"])
    .describe("Variables of Vedette's environment that the plugin sees. It sees no others."),
  env: z
    .record(z.string().min(1).max(255), z.string().max(65_536))
    .default({})
    .describe("Variables set for the plugin."),
  timeoutSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(120)
    .describe("An action, a test or a page of a task that takes longer is ended."),
  maxOutputBytes: z
    .int()
    .min(1_024)
    .max(256 * 1024 * 1024)
    .default(16 * 1024 * 1024)
    .describe("A step that writes more than this is ended."),
  maxMemoryBytes: z
    .int()
    .min(16 * 1024 * 1024)
    .max(64 * 1024 ** 3)
    .default(1024 ** 3)
    .describe("A plugin that takes more memory than this, with what it started, is ended."),
  maxConcurrent: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe("Steps that run at a time; at most 64 more wait."),
});

export type HostSettings = z.infer<typeof hostFile>;

/** How a plugin is started and what it may take. */
export interface HostedCommand extends HostSettings {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Variables that the ecosystem's own runtime needs; those that are inherited or set come before. */
  readonly expected?: Readonly<Record<string, string>>;
  /** What keeps it apart from us and from other plugins. */
  readonly confinement?: Confinement | undefined;
}

/**
 * Finds how to start a plugin: `argv` when given, else `vedette.plugin.yaml` beside the spec, else `bin/icon_<name>` or
 * `bin/komand_<name>`. Throws a `ConfigError` for a bad file and `plugin.failed` where there is nothing to start.
 */
export function commandOf(spec: IconSpec, argv?: readonly string[]): HostedCommand {
  const dir = resolve(dirname(spec.file));
  const file = join(dir, hostFileName);
  const settings = existsSync(file) ? requireConfig(hostFile, readSource(file)) : hostFile.parse({});
  const found = argv ?? settings.command ?? binary(dir, spec.name);
  if (!found) {
    const cause = `There is no program for the plugin ${spec.name || spec.file}.`;
    const assistance = `Put it at ${join(dir, "bin", `icon_${spec.name || "<name>"}`)}, or name it as "command" in ${hostFileName}.`;
    throw hostError("plugin.failed", cause, { assistance });
  }
  return { ...settings, argv: found, cwd: dir, expected: expectedOf(dir, spec.name) };
}

function binary(dir: string, name: string): string[] | undefined {
  // The name comes from a file: it must not lead out of the folder.
  if (!/^[A-Za-z0-9_]+$/.test(name)) return undefined;
  for (const prefix of ["icon_", "komand_"]) {
    const path = join(dir, "bin", `${prefix}${name}`);
    try {
      accessSync(path, constants.X_OK);
      return [path];
    } catch {
      // The vendor's generator writes a Python program that nobody may execute.
      if (isPython(path)) return ["python3", path];
    }
  }
  return undefined;
}

/** The program with its verb, in its folder, with the environment it may see, confined. It does not outlive us. */
export function childCommand(
  { argv, cwd, inheritEnv, expected, env, confinement }: HostedCommand,
  verb: readonly string[],
): ChildCommand {
  const seen = inheritEnv.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const environment = { ...expected, ...Object.fromEntries(seen), ...env };
  return launched({ argv: [...argv, ...verb], cwd, env: environment }, confinement);
}
