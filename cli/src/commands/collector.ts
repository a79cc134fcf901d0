import type { Command } from "commander";

interface CollectorOptions {
  readonly config?: string;
}

export function addCollector(program: Command): void {
  program
    .command("collector")
    .description(
      "Run a collector: take batches from agents, enrich, detect, store, answer the API and the page.",
    )
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .addHelpText(
      "after",
      `
Example configuration:
  collector:
    stateDir: /var/lib/vedette/collector
    ingest: { listen: "127.0.0.1:8601" }
    http: { listen: "127.0.0.1:8600" }
    store: { retentionDays: 90 }

Stores into the embedded engine unless store.url names a ClickHouse server.`,
    )
    .action(async (options: CollectorOptions) => {
      const { runCollector } = await import("../run/collector.ts");
      await runCollector(options.config);
    });
}
