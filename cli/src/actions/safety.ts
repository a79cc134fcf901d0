import { Argument, type Command } from "commander";
import { askJson, type Page, type Row } from "../alerts/api.ts";
import { plain } from "../live/plain.ts";
import { untilStopped } from "../signals.ts";
import { type Common, seconds, withWhere } from "./options.ts";
import { itemsOf, print, printRows } from "./show.ts";

/** Kill switch, lists, drift, rules that may act. */
export function addActionSafety(group: Command): void {
  withWhere(group.command("kill-switch"))
    .description("While it is on, nothing new is done; what stands is still taken back in time.")
    .addArgument(new Argument("[turn]", "how to turn it; shows it when left out").choices(["on", "off"]))
    .option("--reason <text>", "why", "not said")
    .action(
      async (turn: string | undefined, { reason, ...options }: Common & { readonly reason: string }) => {
        const signal = untilStopped();
        const change = { change: { on: turn === "on", reason }, method: "PUT", signal } as const;
        const now = await askJson<Row>(
          options,
          "actions/kill-switch",
          turn === undefined ? { signal } : change,
        );
        if (options.json) print(now);
        else process.stdout.write(switchText(now));
      },
    );
  addLists(group);
  withWhere(group.command("drift"))
    .description("Compare what stands at the other side with what was done.")
    .action(async (options: Common) => {
      const sent = { change: {}, method: "POST", signal: untilStopped() } as const;
      const page = await askJson<Page>(options, "actions/drift/check", sent);
      printRows(itemsOf(page), driftLine, "No action here can say what stands.", options.json);
    });
  withWhere(group.command("rules"))
    .description("Rules that may act, and which of them act for real.")
    .action(async (options: Common) => {
      const page = await askJson<Page>(options, "actions/rules", { signal: untilStopped() });
      printRows(itemsOf(page), ruleLine, "No rule may act.", options.json);
    });
  addArming(group);
}

function addLists(group: Command): void {
  withWhere(group.command("lists"))
    .description("What is never touched, and what is trusted.")
    .action(async (options: Common) => {
      const page = await askJson<Page>(options, "actions/lists", { signal: untilStopped() });
      printRows(itemsOf(page), listLine, "Both lists are empty.", options.json);
    });
  for (const [name, list, description] of [
    ["protect", "never-touch", "Put an address, a range or a name on the never-touch list."],
    ["allow", "allow", "Trust an address, a range or a name: what stands on it is lifted."],
  ] as const)
    withWhere(group.command(name))
      .description(description)
      .argument("<entry>", "such as 198.51.100.0/24, host:dc-1 or user:root")
      .requiredOption("--reason <text>", "why")
      .option("--for <time>", "how long, such as 8h; for good when left out", seconds)
      .action(async (entry: string, options: Common & { readonly reason: string; readonly for?: number }) => {
        const { reason, for: lasts } = options;
        const endsAt =
          lasts === undefined ? {} : { endsAt: new Date(Date.now() + lasts * 1_000).toISOString() };
        const sent = {
          change: { entry, reason, ...endsAt },
          method: "POST",
          signal: untilStopped(),
        } as const;
        const made = await askJson<Row>(options, `actions/lists/${list}`, sent);
        if (options.json) print(made);
        else
          process.stdout.write(
            `${String(made["id"])}: ${entry} is on the ${list} list; ${(made["lifted"] as unknown[]).length} lifted.\n`,
          );
      });
  withWhere(group.command("unlist"))
    .description("Take an entry off its list.")
    .argument("<id>", 'as "vedette actions lists" shows it')
    .action(async (id: string, options: Common) => {
      const sent = { change: {}, method: "DELETE", signal: untilStopped() } as const;
      await askJson(options, `actions/lists/${encodeURIComponent(id)}`, sent);
    });
}

function addArming(group: Command): void {
  withWhere(group.command("arm"))
    .description("Let a rule act for real, as its preview showed it.")
    .argument("<rule>")
    .requiredOption("--fingerprint <text>", "as the preview gave it")
    .action(async (rule: string, { fingerprint, ...options }: Common & { readonly fingerprint: string }) => {
      await turnRule(rule, fingerprint, options);
      process.stdout.write(`${rule} acts from now on.\n`);
    });
  withWhere(group.command("disarm"))
    .description("Let a rule act dry only.")
    .argument("<rule>")
    .action(async (rule: string, options: Common) => {
      await turnRule(rule, null, options);
      process.stdout.write(`${rule} acts dry from now on.\n`);
    });
}

const turnRule = (rule: string, fingerprint: string | null, options: Common): Promise<unknown> =>
  askJson(options, `actions/rules/${encodeURIComponent(rule)}/armed`, {
    ...{ change: { fingerprint }, method: "PUT", signal: untilStopped() },
  });

function switchText(row: Row): string {
  const by = row["by"] === "" ? "" : ` (${plain(String(row["by"]))}: ${plain(String(row["reason"]))})`;
  const dry = row["dryRun"] === true ? " All actions are dry runs by the configuration." : "";
  return `The kill switch is ${row["on"] === true ? "on: nothing new is done" : "off"}${by}.${dry}\n`;
}

const listLine = (row: Row): string[] => [
  ...[
    String(row["id"] ?? "-"),
    String(row["list"]),
    plain(String(row["entry"])),
    plain(String(row["author"])),
  ],
  row["endsAt"] === undefined ? "-" : `until ${String(row["endsAt"])}`,
  plain(String(row["reason"])),
];

const driftLine = (row: Row): string[] => [
  ...[String(row["action"]), `${Number(row["ours"])} ours`, `${Number(row["real"])} there`],
  `${(row["missing"] as unknown[]).length} missing`,
  `${Number(row["foreignCount"])} foreign`,
  row["problem"] === undefined ? "" : plain(String(row["problem"])),
];

const ruleLine = (row: Row): string[] => [
  ...[String(row["name"]), row["dryRun"] === true ? "dry run" : "acts", String(row["action"])],
  ...[String(row["field"]), (row["rules"] as readonly string[]).join(", ")],
];
