import { agentIdForm } from "@vedette/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { columns } from "../alerts/api.ts";
import { UsageError } from "../exit.ts";

interface Where {
  readonly config?: string;
  readonly dataDir?: string;
}
interface Json {
  readonly json?: true;
}
interface TokenFlags extends Where, Json {
  readonly uses: number;
  readonly expires: number;
  readonly agent?: string;
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const mostMs = 30 * 86_400_000;

const duration = (text: string): number => {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? 0);
  if (!(ms > 0 && ms <= mostMs))
    throw new InvalidArgumentError("Expected a time up to 30d, such as 30m, 1h or 2d.");
  return ms;
};

const times = (text: string): number => {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 10_000))
    throw new InvalidArgumentError("Expected 1 to 10000.");
  return value;
};

const agentName = (text: string): string => {
  if (!agentIdForm.test(text))
    throw new InvalidArgumentError("Expected up to 200 letters, digits and . : @ _ -");
  return text;
};

export function addAgents(program: Command): void {
  const agents = program
    .command("agents")
    .description(
      "Enrol agents of other hosts, see them, and revoke them. Works on the collector's control database.",
    )
    .addHelpText(
      "after",
      `
The collector takes enrolled agents where collector.ingest.tls.enrol is set. It may run meanwhile, or not.

Examples:
  vedette agents token --uses 3 --expires 1h     for three hosts; each runs: vedette enroll --collector HOST:PORT --token ...
  vedette agents list
  vedette agents revoke web-1`,
    );
  const where = (command: Command): Command =>
    command
      .option("--config <file>", "configuration file; vedette.yaml when it exists")
      .option("--data-dir <dir>", "data folder given to `vedette up`");

  where(agents.command("token"))
    .description("Make a token that hosts are enrolled with, and print it, the only time it is shown.")
    .option("--uses <n>", "how many hosts may be enrolled with it", times, 1)
    .option("--expires <time>", "how long it can be used, such as 30m, 1h or 2d", duration, units["h"])
    .option("--agent <id>", "only for the agent of this id, which may have been enrolled before", agentName)
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  vedette agents token --agent web-1 --expires 15m")
    .action(async (flags: TokenFlags) => {
      await withFleet(flags, async (fleet) => {
        const { uses, expires: lifeMs, agent } = flags;
        const { text, entry } = await fleet.makeToken({ uses, lifeMs, agent });
        if (flags.json) process.stdout.write(`${JSON.stringify({ token: text, ...entry })}\n`);
        else {
          process.stdout.write(`${text}\n`);
          process.stderr.write(
            `Token ${entry.id}, for ${uses === 1 ? "one host" : `${uses} hosts`}, until ${at(entry.expiresAt)}. It is not shown again. On the host:\n  vedette enroll --collector HOST:PORT --token ${text.slice(0, 8)}...\n`,
          );
        }
      });
    });

  where(agents.command("tokens"))
    .description("List the tokens of the last month, without their secrets, or revoke one.")
    .option("--revoke <id>", "end the token of this id at once")
    .option("--json", "as JSON")
    .action(async (flags: Where & Json & { readonly revoke?: string }) => {
      await withFleet(flags, async (fleet) => {
        const { revoke } = flags;
        if (revoke !== undefined) {
          if (!(await fleet.revokeToken(revoke)))
            throw new UsageError(
              `There is no token ${revoke} that could be used; see "vedette agents tokens".`,
            );
          process.stdout.write("Revoked.\n");
          return;
        }
        const all = await fleet.tokens();
        if (flags.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
        else if (all.length === 0) process.stdout.write("No tokens.\n");
        else
          for (const { id, uses, used, expiresAt, revokedAt, agent } of all) {
            const state = revokedAt === undefined ? `until ${at(expiresAt)}` : `revoked ${at(revokedAt)}`;
            process.stdout.write(
              `${[id, `${used} of ${uses} used`, state, agent ?? "any agent"].join("  ")}\n`,
            );
          }
      });
    });

  where(agents.command("list"))
    .description("List the enrolled agents: id, host, when the certificate ends, when it was seen last.")
    .option("--json", "as JSON")
    .action(async (flags: Where & Json) => {
      await withFleet(flags, async (fleet) => {
        const all = await fleet.agents();
        if (flags.json) {
          process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
          return;
        }
        const rows = all.map(({ id, host, endsAt, seenAt, revokedAt }) => [
          id,
          host,
          revokedAt === undefined ? at(endsAt) : `revoked ${at(revokedAt)}`,
          seenAt === undefined ? "never" : at(seenAt),
        ]);
        const titles = ["AGENT", "HOST", "CERTIFICATE ENDS", "SEEN"];
        process.stdout.write(all.length === 0 ? "No agents.\n" : columns([titles, ...rows]));
      });
    });

  where(agents.command("revoke"))
    .description(
      "Let an agent in no more, within seconds: its streams end, and its certificate is not renewed.",
    )
    .argument("<id>", "the agent's id, from `vedette agents list`")
    .option("--undo", "let it in again; it goes on with its certificate where that has not ended")
    .action(async (id: string, flags: Where & { readonly undo?: true }) => {
      await withFleet(flags, async (fleet) => {
        const undo = flags.undo === true;
        if (!(await fleet.setRevoked(id, !undo)))
          throw new UsageError(
            `There is no ${undo ? "revoked " : ""}agent ${id}; see "vedette agents list".`,
          );
        process.stdout.write(
          undo ? "It may come again.\n" : "Revoked. Running collectors end its streams within seconds.\n",
        );
      });
    });
}

const at = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

type Fleet = Awaited<ReturnType<typeof import("@vedette/collector")["openFleet"]>>;

async function withFleet(options: Where, work: (fleet: Fleet) => Promise<void>): Promise<void> {
  const { openFleet } = await import("@vedette/collector");
  const { collectorPlace } = await import("../state-dirs.ts");
  const { systemClock } = await import("@vedette/sdk");
  const fleet = await openFleet(collectorPlace(options), systemClock);
  try {
    await work(fleet);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    throw error;
  } finally {
    await fleet.close();
  }
}
