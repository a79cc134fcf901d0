import type { Command } from "commander";
import { keyOption, urlOption } from "../live/api.ts";
import { untilStopped } from "../signals.ts";

interface ReloadOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: true;
  readonly collector?: true;
  readonly url: string;
  readonly key?: string;
}

export function addReload(program: Command): void {
  program
    .command("reload")
    .description(
      "Make a running agent take over its changed configuration and pipelines, or a collector its rules, without losing a line.",
    )
    .option("--config <file>", "the agent's configuration; vedette.yaml when it exists")
    .option("--state-dir <dir>", "the agent's state folder, instead of a configuration")
    .option("--collector", "not the agent, but the rules of a collector: the same as vedette rules reload")
    .option(...urlOption)
    .option(...keyOption)
    .option("--json", "what changed as JSON")
    .addHelpText(
      "after",
      `
Only what differs is changed. When anything of the new configuration is wrong, all stays as it was and the mistakes are
printed (exit code 2). A SIGHUP does the same; the agent's log then tells the outcome.

Examples:
  vedette reload --config /etc/vedette/agent.yaml
  vedette reload --collector --url https://collector:8600 --key "$VEDETTE_KEY"`,
    )
    .action(async (options: ReloadOptions) => {
      if (options.collector) {
        const { reloadRules } = await import("../rules/reload.ts");
        await reloadRules(options, untilStopped());
        return;
      }
      const { agentSocket, askAgent, textOf } = await import("../live/agent-socket.ts");
      const answer = await textOf(await askAgent(agentSocket(options), "POST", "/reload"));
      if (options.json) process.stdout.write(answer);
      else {
        const { changes } = JSON.parse(answer) as { changes: readonly string[] };
        process.stdout.write(changes.length === 0 ? "Nothing changed.\n" : `${changes.join("\n")}\n`);
      }
    });
}
