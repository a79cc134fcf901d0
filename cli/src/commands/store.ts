import type { Command } from "commander";

interface DdlOptions {
  readonly config?: string;
  readonly cluster?: string;
  readonly database?: string;
  readonly user?: string;
}

export function addStore(program: Command): void {
  const store = program
    .command("store")
    .description("The ClickHouse side of a collector: its schema, for review.");
  store
    .command("ddl")
    .description(
      "Print the statements that make the store, as a collector would run them. Connects to nothing.",
    )
    .option("--config <file>", "configuration file; vedette.yaml when it exists")
    .option("--cluster <name>", "for this cluster; default: collector.store.cluster, or one server")
    .option("--database <name>", "for this database; default: collector.store.database")
    .option("--user <name>", "also print what this user must be granted")
    .addHelpText(
      "after",
      `
Every statement may run again: what is there already stays. Run them once more after adding nodes to a cluster.

Examples:
  vedette store ddl --cluster events --user vedette
  vedette store ddl --config /etc/vedette/vedette.yaml | clickhouse-client --multiquery`,
    )
    .action(async (options: DdlOptions) => {
      const { printDdl } = await import("../store/ddl.ts");
      await printDdl(options);
    });
}
