import { type Command, InvalidArgumentError } from "commander";
import type { RunOptions } from "./run-context.ts";

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError("Expected 0.1 to 86400 seconds.");
  return value;
};
const whole = (text: string): number => {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 1_000_000))
    throw new InvalidArgumentError("Expected a whole number from 1.");
  return value;
};

export function addPluginRun(plugin: Command): void {
  plugin
    .command("run")
    .description("Run one action, pages of a task or a trigger of an InsightConnect plugin.")
    .argument("<plugin>", "plugin.spec.yaml, or the folder of the plugin")
    .argument("[component]", "actions/<id>, triggers/<id>, tasks/<id>, or an id alone")
    .argument("[command...]", "after --: the program and its arguments, in place of vedette.plugin.yaml")
    .option("--input <file>", "input as JSON or YAML; - for stdin")
    .option(
      "--connection <file or name>",
      "connection as JSON or YAML; - for stdin; or the name of one that the collector on this machine keeps",
    )
    .option(
      "--collector-config <file>",
      "configuration file of the collector that keeps the connection; vedette.yaml when it exists",
    )
    .option("--data-dir <dir>", "data folder given to `vedette up`, for a connection by its name")
    .option("--state <folder>", "where a task's cursor is kept; without it every run is the first")
    .option("--config <file>", "a task's custom_config")
    .option(
      "--url <url>",
      "a plugin that runs as a server, such as http://127.0.0.1:10001, in place of a program",
    )
    .option("--pages <n>", "pages of a task at most", whole, 1)
    .option("--events <n>", "events of a trigger before it is stopped", whole, 1)
    .option("--timeout <seconds>", "deadline of the step, or of the trigger's events", seconds)
    .option("--test", "test the connection, run nothing")
    .option("--info", "say what the plugin is and has, run nothing")
    .option("--sample", "print a start message to fill in, run nothing")
    .option("--envelope", "print the whole answer with its log, not the output alone")
    .addHelpText(
      "after",
      `
The output goes to stdout as JSON, what the plugin logged to stderr. A task prints one row a line, a trigger one event a line.

Examples:
  vedette plugin run okta --info
  vedette plugin run okta get_user --sample
  vedette plugin run okta get_user --input user.json --connection okta.json
  echo '{"address": "203.0.113.7"}' | vedette plugin run abuseipdb check_ip --input - --connection key.yaml
  vedette plugin run okta monitor_logs --connection okta.json --state cursors --pages 10
  vedette plugin run okta new_users --connection okta.json --events 5
  vedette plugin run okta get_user --connection okta.json --test
  vedette plugin run okta get_user --connection okta-prod --input user.json
  vedette plugin run okta get_user --input user.json -- docker run --rm -i rapid7/okta:latest

Exit codes: 0 done, 1 the plugin failed, 2 wrong usage, or input that does not fit its schema.`,
    )
    .action(async (path: string, component: string | undefined, command: string[], options: RunOptions) => {
      const { runPlugin } = await import("./run.ts");
      await runPlugin(path, component, command, options);
    });
}
