import type { Command } from "commander";
import { addPluginCheck } from "../plugin/check-command.ts";
import { addPluginRun } from "../plugin/run-command.ts";
import { addPluginSchema } from "../plugin/schema-command.ts";

/** `vedette plugin …`: each subcommand is a file in ../plugin. */
export function addPlugin(program: Command): void {
  const plugin = program.command("plugin").description("Check and run plugins from the shell.");
  for (const add of [addPluginCheck, addPluginSchema, addPluginRun]) add(plugin);
}
