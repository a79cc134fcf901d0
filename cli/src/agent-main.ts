import type { Command } from "commander";
import { addAgent } from "./commands/agent.ts";
import { addEnroll } from "./commands/enroll.ts";
import { addReload } from "./commands/reload.ts";
import { addSpool } from "./commands/spool.ts";
import { addTap } from "./commands/tap.ts";
import { addTop } from "./commands/top.ts";
import { newProgram, runProgram } from "./program.ts";

/** The agent alone, for hosts that run nothing else: what scripts/build-agent.mjs bundles into one file. */
const program = newProgram(
  "vedette-agent",
  "The Vedette agent: reads logs on this host, parses them, ships them to a collector.",
).addHelpText(
  "after",
  `
Examples:
  vedette-agent check --config /etc/vedette/agent.yaml
  vedette-agent agent --config /etc/vedette/agent.yaml
  vedette-agent top --config /etc/vedette/agent.yaml

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`,
);

for (const add of [addAgent, addAgentCheck, addEnroll, addTap, addTop, addReload, addSpool]) add(program);

void runProgram(program);

function addAgentCheck(parent: Command): void {
  parent
    .command("check")
    .description("Check the configuration and the pipelines it names. Opens no port and writes nothing.")
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .option("--json", "problems as one JSON list")
    .addHelpText("after", "\nExample:\n  vedette-agent check --config /etc/vedette/agent.yaml")
    .action(async (options: { readonly config?: string; readonly json?: true }) => {
      const { checkAgent } = await import("./check/check-agent.ts");
      const { tell } = await import("./check/tell.ts");
      const { problems, config, dataTypes } = checkAgent(options.config);
      tell(problems, `${config ?? "no configuration file"}, pipelines for ${dataTypes} data types`, options);
    });
}
