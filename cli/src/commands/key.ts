import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { UsageError } from "../exit.ts";

interface Where {
  readonly config?: string;
  readonly dataDir?: string;
}

const scopes = ["read", "operate", "admin", "ingest", "feed"] as const;
type Scope = (typeof scopes)[number];

const scope = (text: string, all: Scope[]): Scope[] => {
  if (!scopes.includes(text as Scope))
    throw new InvalidArgumentError(`Expected one of ${scopes.join(", ")}.`);
  return [...all, text as Scope];
};

const days = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 3_650)) throw new InvalidArgumentError("Expected 1 to 3650 days.");
  return value;
};

export function addKey(program: Command): void {
  const key = program
    .command("key")
    .description(
      "Make, list and revoke the API keys of a collector: in the state folder or the PostgreSQL database of its configuration.",
    )
    .addHelpText(
      "after",
      "\nThe API is open on loopback until the first key is made; from then on every request needs one.",
    );
  const where = (command: Command): Command =>
    command
      .option("--config <file>", "configuration file; vedette.yaml when it exists")
      .option("--data-dir <dir>", "data folder given to `vedette up`");
  where(key.command("create"))
    .description("Make a key and print its secret, the only time it is shown.")
    .argument("<name>", "what the key is for")
    .option(
      "--scope <scope>",
      `what it may do: ${scopes.join(", ")}; repeat for more (default: read)`,
      scope,
      [],
    )
    .option("--days <n>", "days until it expires; never when left out", days)
    .addHelpText("after", "\nExample:\n  vedette key create grafana --scope read --days 90")
    .action(async (name: string, options: Where & { readonly scope: Scope[]; readonly days?: number }) => {
      await withKeys(options, async (keys, now) => {
        const expires = options.days === undefined ? {} : { expiresAt: now + options.days * 86_400_000 };
        const made = await keys.create({
          name,
          scopes: options.scope.length > 0 ? options.scope : ["read"],
          ...expires,
        });
        process.stdout.write(`${made.secret}\n`);
        process.stderr.write(
          `Key ${made.key.id} (${made.key.scopes.join(", ")}). Keep the secret, it is not shown again.\n`,
        );
      });
    });
  where(key.command("list"))
    .description("List the keys, without their secrets.")
    .option("--json", "as JSON")
    .action(async (options: Where & { readonly json?: true }) => {
      await withKeys(options, async (keys) => {
        const all = await keys.list();
        if (options.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
        else if (all.length === 0) process.stdout.write("No keys.\n");
        else
          for (const each of all)
            process.stdout.write(
              `${[each.id, each.prefix, each.scopes.join(","), day(each.createdAt), each.name].join("  ")}\n`,
            );
      });
    });
  where(key.command("revoke"))
    .description("End a key at once.")
    .argument("<id>", "its id, from `vedette key list`")
    .action(async (id: string, options: Where) => {
      await withKeys(options, async (keys) => {
        if (!(await keys.revoke(id))) throw new UsageError(`There is no key ${id}; see "vedette key list".`);
        process.stdout.write("Revoked.\n");
      });
    });
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

type Keys = Awaited<ReturnType<typeof import("@vedette/collector")["openKeys"]>>["keys"];

async function withKeys(options: Where, work: (keys: Keys, now: number) => Promise<void>): Promise<void> {
  const { openKeys } = await import("@vedette/collector");
  const { collectorPlace } = await import("../state-dirs.ts");
  const { systemClock } = await import("@vedette/sdk");
  const opened = await openKeys(collectorPlace(options), systemClock);
  try {
    await work(opened.keys, systemClock.now());
  } finally {
    await opened.close();
  }
}
