import type { Command } from "commander";
import type { EnrollFlags } from "../run/enroll.ts";

/** Both programs have it: a host with the agent alone needs nothing else. */
export function addEnroll(program: Command): void {
  program
    .command("enroll")
    .description("Get a certificate for the agent of this host, with a token from `vedette agents token`.")
    .requiredOption("--token <token>", "the token; - reads it from standard input")
    .option("--collector <address>", "the collector, host:port; default: agent.collector.address")
    .option("--config <file>", "configuration file of the agent; vedette.yaml when it exists")
    .option("--json", "what was done as JSON")
    .addHelpText(
      "after",
      `
The token is sent only to a collector whose certificate is of the authority that the token names. The key is made here and
never leaves this host. Key, certificate and authority are kept in agent.stateDir, for the agent's user; the agent renews
the certificate while it runs.

Example, on the host, with what the collector's operator sent:
  vedette enroll --config /etc/vedette/agent.yaml --collector collector.example.net:8601 --token vde1_...

Then the configuration of the agent, and its start:
  agent:
    collector: { address: collector.example.net:8601, tls: {} }`,
    )
    .action(async (flags: EnrollFlags) => {
      const { runEnroll } = await import("../run/enroll.ts");
      await runEnroll(flags);
    });
}
