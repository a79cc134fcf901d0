import type { Command } from "commander";
import { UsageError } from "../exit.ts";

interface Where {
  readonly config?: string;
  readonly dataDir?: string;
}
interface Json {
  readonly json?: true;
}

export function addSecret(program: Command): void {
  const secret = program
    .command("secret")
    .description("Keep secrets of a collector encrypted, for its configuration to name as ${secret:name}.")
    .addHelpText(
      "after",
      `
Secrets are in the collector's control database, encrypted with the key in VEDETTE_SECRET_KEY, in the file that
VEDETTE_SECRET_KEY_FILE names, or in secret.key in the state folder, which is made when it is first needed. Keep a copy of
the key elsewhere: without it the secrets are lost. With PostgreSQL one of the two variables is needed.

Example, and the configuration that uses it:
  vedette secret set clickhouse.password < password.txt
  collector: { store: { url: "https://ch.example.net:8443", password: "\${secret:clickhouse.password}" } }`,
    );
  const where = (command: Command): Command =>
    command
      .option("--config <file>", "configuration file; vedette.yaml when it exists")
      .option("--data-dir <dir>", "data folder given to `vedette up`");

  where(secret.command("set"))
    .description("Set or replace a secret. It is read from standard input, never from the command line.")
    .argument("<name>", "letters, digits, dots, hyphens and underscores")
    .addHelpText(
      "after",
      "\nAsks at a terminal, without showing what is typed. Of a file one line break at the end is left out.\n\nExample:\n  vedette secret set slack.token < token.txt",
    )
    .action(async (name: string, options: Where) => {
      const { readSecret } = await import("../secret/read.ts");
      const text = await readSecret(name);
      await withSecrets(options, async ({ secrets }) => {
        const isNew = await usable(() => secrets.set(name, text));
        process.stdout.write(`${isNew ? "Set" : "Replaced"}. Use it as \${secret:${name}}.\n`);
      });
    });

  where(secret.command("list"))
    .description("List the secrets, without their texts.")
    .option("--json", "as JSON")
    .action(async (options: Where & Json) => {
      await withSecrets(options, async ({ secrets }) => {
        const all = await secrets.list();
        if (options.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
        else if (all.length === 0) process.stdout.write("No secrets.\n");
        for (const { name, updatedAt, problem } of options.json ? [] : all)
          process.stdout.write(
            `${new Date(updatedAt).toISOString().slice(0, 10)}  ${name}${problem ? `  ${problem}` : ""}\n`,
          );
      });
    });

  where(secret.command("remove"))
    .description("Remove a secret. A configuration that names it cannot be loaded any more.")
    .argument("<name>", "its name, from `vedette secret list`")
    .action(async (name: string, options: Where) => {
      await withSecrets(options, async ({ secrets }) => {
        if (!(await secrets.remove(name)))
          throw new UsageError(`There is no secret ${name}; see "vedette secret list".`);
        process.stdout.write("Removed.\n");
      });
    });

  where(secret.command("rotate"))
    .description("Encrypt everything with a new key: secrets, connections and settings of plugins.")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      `
With a key file the new key is made here; collectors that run take it over by themselves. With VEDETTE_SECRET_KEY put the
new key before the old one, separated by a comma, start every collector with both, then run this; it says when the old one
may go. What was cut off is continued by running it again. Exits with 1 when something could not be opened.`,
    )
    .action(async (options: Where & Json) => {
      await withSecrets(options, async ({ rotate }) => {
        const { renewed, unreadable, left } = await rotate();
        if (options.json) process.stdout.write(`${JSON.stringify({ renewed, unreadable, left }, null, 2)}\n`);
        else {
          process.stdout.write(`Encrypted anew: ${renewed}.\n`);
          for (const each of unreadable) process.stderr.write(`${each}\n`);
          if (left !== undefined) process.stdout.write(`${left}\n`);
        }
        if (unreadable.length > 0) process.exitCode = 1;
      });
    });
}

type Opened = NonNullable<Awaited<ReturnType<typeof import("@vedette/collector")["openSecrets"]>>>;

async function withSecrets(options: Where, work: (opened: Opened) => Promise<void>): Promise<void> {
  const { openSecrets } = await import("@vedette/collector");
  const { collectorPlace } = await import("../state-dirs.ts");
  const { systemClock } = await import("@vedette/sdk");
  const opened = (await openSecrets(collectorPlace(options), systemClock))!;
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

/** A name or a text that does not fit is a matter of the command line. */
async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
