import { type Command, InvalidArgumentError, Option } from "commander";
import { askJson, columns, type Page, type Row, type Where } from "../alerts/api.ts";
import { detailsOf, lineOf } from "../alerts/show.ts";
import { keyOption, urlOption } from "../live/api.ts";
import { untilStopped } from "../signals.ts";

interface Common extends Where {
  readonly json?: true;
}

interface ListOptions extends Common {
  readonly status: readonly string[];
  readonly severity: readonly string[];
  readonly rule?: string;
  readonly entity?: string;
  readonly assignee?: string;
  readonly incident?: string;
  readonly technique?: string;
  readonly hidden?: true;
  readonly from: string;
  readonly to?: string;
  readonly limit: number;
}

interface ChangeOptions extends Common {
  readonly comment?: string;
  readonly ifVersion?: number;
  readonly withAlerts?: true;
}

/** `vedette alerts` and `vedette incidents`: the same words for both. */
export function addAlerts(program: Command): void {
  addKind(program, "alert");
  addKind(program, "incident");
}

type Kind = "alert" | "incident";

const collect = (value: string, all: readonly string[]): string[] => [...all, value];

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`Expected ${least} to ${most}.`);
    return value;
  };

function addKind(program: Command, kind: Kind): void {
  const group = program
    .command(`${kind}s`)
    .description(`List ${kind}s of a running collector and say what became of them.`)
    .addHelpText(
      "after",
      `
Examples:
  vedette ${kind}s list --status open --severity high
  vedette ${kind}s show ID
  vedette ${kind}s ack ID --comment "Looking at it"
  vedette ${kind}s close ID --as false-positive --comment "Our own scanner"
  vedette ${kind}s assign ID anna`,
    );
  addList(group, kind);
  withWhere(group.command("show"))
    .description(`Show one ${kind} with its history.`)
    .argument("<id>")
    .action(async (id: string, options: Common) => {
      const signal = untilStopped();
      const path = `${kind}s/${encodeURIComponent(id)}`;
      const found = await askJson<Row>(options, path, { signal });
      const { items } = await askJson<Page>(options, `${path}/history`, { signal });
      if (options.json) print({ ...found, history: items });
      else process.stdout.write(detailsOf(found, items));
    });
  change(group, kind, "ack", "Say that somebody looks at it.", () => ({ status: "acknowledged" }));
  change(group, kind, "reopen", "Open it again.", () => ({ status: "open" }));
  withChange(group.command("close"), kind)
    .description("Close it, with what it was.")
    .argument("<id>")
    .addOption(
      new Option("--as <verdict>", "what it was")
        .choices(["true-positive", "false-positive"])
        .makeOptionMandatory(),
    )
    .action((id: string, options: ChangeOptions & { readonly as: string }) =>
      apply(kind, id, options, { status: "closed", verdict: options.as.replace("-", "_") }),
    );
  withChange(group.command("assign"), kind)
    .description("Say who looks after it.")
    .argument("<id>")
    .argument("[name]", "whom; nobody when left out", "")
    .action((id: string, assignee: string, options: ChangeOptions) => apply(kind, id, options, { assignee }));
  withChange(group.command("comment"), kind)
    .description("Add a comment.")
    .argument("<id>")
    .argument("<text>")
    .action((id: string, comment: string, options: ChangeOptions) => apply(kind, id, options, { comment }));
}

function addList(group: Command, kind: Kind): void {
  const list = withWhere(group.command("list"))
    .description(`List ${kind}s, the newest first.`)
    .option("--status <status>", "open, acknowledged or closed; repeat for more", collect, [])
    .option("--severity <severity>", "repeat for more", collect, [])
    .option("--entity <entity>", "who it is about, such as ip:203.0.113.7")
    .option("--assignee <name>", "who looks after it")
    .option("--from <time>", "RFC 3339 or relative, such as -15m", "-24h")
    .option("--to <time>", "RFC 3339 or relative; now when left out")
    .option("--limit <n>", "most rows to print", whole(1, 100_000), 100);
  if (kind === "alert")
    list
      .option("--rule <rule>", "identifier or name of the rule")
      .option("--incident <id>", "those of one incident")
      .option("--technique <id>", "ATT&CK technique, such as T1110")
      .option("--hidden", "those that nobody is told of, and why");
  list.action(async (options: ListOptions) => {
    const rows: Row[] = [];
    const signal = untilStopped();
    const { status, severity, rule, entity, assignee, incident, technique, from, to } = options;
    const hidden = options.hidden ? "only" : undefined;
    let cursor: string | undefined;
    do {
      const limit = String(Math.min(options.limit - rows.length, 500));
      const query = {
        status,
        severity,
        rule,
        entity,
        assignee,
        incident,
        technique,
        hidden,
        from,
        to,
        limit,
        cursor,
      };
      const page = await askJson<Page>(options, `${kind}s`, { query, signal });
      rows.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && rows.length < options.limit);
    if (options.json) for (const row of rows) print(row);
    else process.stdout.write(rows.length === 0 ? `No ${kind}s.\n` : columns(rows.map(lineOf)));
  });
}

function change(group: Command, kind: Kind, name: string, description: string, body: () => object): void {
  withChange(group.command(name), kind)
    .description(description)
    .argument("<id>")
    .action((id: string, options: ChangeOptions) => apply(kind, id, options, body()));
}

const withWhere = (command: Command): Command =>
  command
    .option(...urlOption)
    .option(...keyOption)
    .option("--json", "one JSON object a line");

const withChange = (command: Command, kind: Kind): Command => {
  withWhere(command)
    .option("--comment <text>", "why")
    .option("--if-version <n>", "only if nobody changed it since this version", whole(0, 1_000_000));
  if (kind === "incident") command.option("--with-alerts", "do the same to its alerts");
  return command;
};

async function apply(kind: Kind, id: string, options: ChangeOptions, body: object): Promise<void> {
  const { comment, ifVersion: version, withAlerts } = options;
  const sent = {
    ...(comment !== undefined && { comment }),
    ...(version !== undefined && { version }),
    ...(withAlerts && { withAlerts }),
    ...body,
  };
  const signal = untilStopped();
  const after = await askJson<Row>(options, `${kind}s/${encodeURIComponent(id)}`, { change: sent, signal });
  if (options.json) print(after);
  else {
    const { status, verdict, assignee, version: now } = after;
    const parts = [
      String(verdict) || String(status),
      assignee === "" ? "" : `assigned to ${String(assignee)}`,
    ];
    process.stdout.write(
      `${id}: ${parts.filter((part) => part !== "").join(", ")} (version ${String(now)})\n`,
    );
  }
}

const print = (row: Row): void => void process.stdout.write(`${JSON.stringify(row)}\n`);
