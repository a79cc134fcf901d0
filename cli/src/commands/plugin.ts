import type { Command } from "commander";
import { addPluginCheck } from "../plugin/check-command.ts";
import { addPluginList } from "../plugin/list-command.ts";
import { addPluginNew } from "../plugin/new-command.ts";
import { addPluginRun } from "../plugin/run-command.ts";
import { addPluginSchema } from "../plugin/schema-command.ts";
import { addPluginServe } from "../plugin/serve-command.ts";

/** `vedette plugin …`: each subcommand is a file in ../plugin. */
export function addPlugin(program: Command): void {
  const plugin = program
    .command("plugin")
    .description("Make, check, run and serve plugins from the shell, and list those of a collector.");
  for (const add of [
    addPluginNew,
    addPluginCheck,
    addPluginSchema,
    addPluginRun,
    addPluginServe,
    addPluginList,
  ]) {
    add(plugin);
  }
}
