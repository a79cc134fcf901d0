import { type Command, InvalidArgumentError } from "commander";
import type { ServeOptions } from "./serve.ts";

const port = (text: string): number => {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 0 && value <= 65_535))
    throw new InvalidArgumentError("Expected a port, 0 to 65535.");
  return value;
};

export function addPluginServe(plugin: Command): void {
  plugin
    .command("serve")
    .description(
      "Offer a plugin to InsightConnect's orchestrators: as an HTTP server, or as the program of a plugin.",
    )
    .argument("<plugin>", "plugin.spec.yaml or the folder of a plugin, or the id of a plugin of Vedette")
    .argument("[verb]", "http, info, sample, run or test", "http")
    .argument("[component]", "of sample")
    .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", port, 10_001)
    .option(
      "--dangerously-serve-critical-actions",
      "serve actions that can do harm too; no guard stands before them here",
    )
    .addHelpText(
      "after",
      `
Of a plugin of Vedette the settings are the connection, its actions and look-ups are actions, what it collects is a task.
run and test read a start message on stdin and write the answer to stdout.

Examples:
  vedette plugin serve geoip                        POST http://127.0.0.1:10001/actions/lookup
  vedette plugin serve geoip sample lookup > start.json
  vedette plugin serve geoip run < start.json
  vedette plugin serve ./okta --port 0

Exit codes: 0 done, 1 the step failed or the port is taken, 2 wrong usage.`,
    )
    .action(async (name: string, verb: string, component: string | undefined, options: ServeOptions) => {
      const { servePlugin } = await import("./serve.ts");
      await servePlugin(name, verb, component, options);
    });
}
