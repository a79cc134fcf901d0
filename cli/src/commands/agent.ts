import type { Command } from "commander";
import type { runAgent } from "../run/agent.ts";

interface AgentOptions {
  readonly config?: string;
}

/** `connections` as `runAgent` takes it. */
export function addAgent(program: Command, connections?: Parameters<typeof runAgent>[1]): void {
  program
    .command("agent")
    .description("Run an agent: read logs on this host, parse them, ship them to a collector.")
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .addHelpText(
      "after",
      `
Example configuration:
  agent:
    inputs:
      - type: file
        dataType: nginx
        include: [/var/log/nginx/access.log*]
    collector:
      address: 127.0.0.1:8601

Stops gracefully on SIGINT and SIGTERM: what was read is sealed and on disk before it ends.`,
    )
    .action(async (options: AgentOptions) => {
      const { runAgent } = await import("../run/agent.ts");
      await runAgent(options.config, connections);
    });
}
