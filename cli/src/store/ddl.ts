import { storeDdl } from "@vedette/collector";
import { loadConfig } from "../config-file.ts";

/** Prints the statements that make the store of a configuration, and the grants of a user. */
export async function printDdl(options: {
  readonly config?: string;
  readonly cluster?: string;
  readonly database?: string;
  readonly user?: string;
}): Promise<void> {
  const { store } = loadConfig(options.config).config.collector;
  const layout = {
    database: options.database ?? store.database,
    cluster: options.cluster ?? store.cluster,
  };
  const { grantStatements, retentionOf, schemaStatements } = await storeDdl();
  const print = (title: string, statements: readonly string[]): void =>
    void process.stdout.write(
      `-- ${title}\n${statements.map((statement) => `${statement};\n`).join("\n")}\n`,
    );
  print("The schema", await schemaStatements(layout, retentionOf(store)));
  if (options.user === undefined) return;
  print(
    `What ${options.user} needs to store and to ask, where someone else runs the statements above`,
    grantStatements(options.user, layout, false),
  );
  print("What it needs to run them itself", grantStatements(options.user, layout, true).slice(2));
}
