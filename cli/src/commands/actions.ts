import { type Command, Option } from "commander";
import { type Asked, askOf, type Common, hours, pathOf, withAsk, withWhere } from "../actions/options.ts";
import { addActionSafety } from "../actions/safety.ts";
import {
  actionLine,
  itemsOf,
  previewText,
  print,
  printRows,
  rulePreviewText,
  runLine,
  runSentence,
} from "../actions/show.ts";
import { askJson, type Page, type Row } from "../alerts/api.ts";
import { UsageError } from "../exit.ts";
import { untilStopped } from "../signals.ts";

const states = [
  ...["approval", "queued", "begun", "standing", "lifting", "done", "lifted", "dry", "refused", "denied"],
  ...["timed_out", "cancelled", "failed", "uncertain"],
];

/** `vedette actions`: bans and the like on a running collector. */
export function addActions(program: Command): void {
  const group = program
    .command("actions")
    .description("See, ask for, approve and take back what a running collector does outside, such as bans.")
    .addHelpText(
      "after",
      `
Examples:
  vedette actions list
  vedette actions preview blocklist/ban 198.51.100.7
  vedette actions run blocklist/ban 198.51.100.7 --reason "Password spraying" --ttl 4h --yes
  vedette actions bans
  vedette actions lift 198.51.100.7 --reason "A customer"
  vedette actions approve RUN --comment "Seen it"
  vedette actions kill-switch on --reason "Wrong bans"
  vedette actions preview --rule ban-ssh --hours 168`,
    );
  withWhere(group.command("list"))
    .description("List what can be done, to what.")
    .action(async (options: Common) => {
      const page = await askJson<Page>(options, "actions", { signal: untilStopped() });
      printRows(itemsOf(page), actionLine, "No actions.", options.json);
    });
  addPreview(group);
  addRun(group);
  addLists(group);
  addDecisions(group);
  addActionSafety(group);
}

function addPreview(group: Command): void {
  withAsk(group.command("preview"))
    .description("What an action, or a rule that may act, would do. Nothing is done.")
    .argument("[action]", "such as blocklist/ban")
    .argument("[target]", "address, range or name")
    .option("--rule <name>", "a rule of collector.respond.actions.rules, over stored alerts")
    .option("--hours <n>", "hours back from now", hours(2_160), 24)
    .action(
      async (
        action: string | undefined,
        target: string | undefined,
        options: Asked & { readonly rule?: string; readonly hours: number },
      ) => {
        const more = { method: "POST", signal: untilStopped() } as const;
        if (options.rule !== undefined) {
          const path = `actions/rules/${encodeURIComponent(options.rule)}/preview`;
          const found = await askJson<Row>(options, path, { ...more, change: { hours: options.hours } });
          if (options.json) print(found);
          else process.stdout.write(rulePreviewText(found));
          return;
        }
        if (action === undefined || target === undefined)
          throw new UsageError("Say an action and its target, or --rule NAME.");
        const change = { ...askOf(target, options), hours: Math.min(720, options.hours) };
        const found = await askJson<Row>(options, pathOf(action, "preview"), { ...more, change });
        if (options.json) print(found);
        else process.stdout.write(previewText(action, found));
      },
    );
}

function addRun(group: Command): void {
  withAsk(group.command("run"))
    .description("Ask for an action. Guards may refuse it, or people may have to agree first.")
    .argument("<action>", "such as blocklist/ban")
    .argument("<target>", "address, range or name")
    .requiredOption("--reason <text>", "why; it goes to the other side and into the audit trail")
    .option("--dry-run", "only record it")
    .option("--yes", "yes, also where it is critical")
    .option("--once <key>", "the same key is the same run, however often it is sent")
    .action(
      async (
        action: string,
        target: string,
        options: Asked & {
          readonly reason: string;
          readonly dryRun?: true;
          readonly yes?: true;
          readonly once?: string;
        },
      ) => {
        const { reason, dryRun = false, yes = false, once: key } = options;
        const sent = { ...askOf(target, options), reason, dryRun, confirm: yes, waitSeconds: 15 };
        const change = { ...sent, ...(key !== undefined && { key }) };
        const signal = untilStopped();
        const run = await askJson<Row>(options, pathOf(action, "run"), { change, method: "POST", signal });
        if (options.json) print(run);
        else process.stdout.write(`${runSentence(run)}\n`);
        if (run["state"] === "failed" || run["state"] === "uncertain") process.exitCode = 1;
      },
    );
}

function addLists(group: Command): void {
  const listing = (name: string, path: string, description: string, none: string): Command =>
    withWhere(group.command(name))
      .description(description)
      .option("--action <id>", "of this action only")
      .action(async (options: Common & { readonly action?: string; readonly state?: string }) => {
        const query = { action: options.action, state: options.state, limit: "1000" };
        const page = await askJson<Page>(options, path, { query, signal: untilStopped() });
        printRows(itemsOf(page), runLine, none, options.json);
      });
  listing(
    "bans",
    "actions/containments",
    "What stands now, such as bans, and until when.",
    "Nothing stands.",
  );
  listing("approvals", "actions/approvals", "What waits for people to agree.", "Nothing waits.");
  listing("runs", "actions/runs", "What was asked for, the newest first.", "No runs.").addOption(
    new Option("--state <state>", "in this state only").choices(states),
  );
}

function addDecisions(group: Command): void {
  withWhere(group.command("lift"))
    .description("Take back what stands.")
    .argument("<run-or-target>", "id of the run, or the address, range or name it stands on")
    .requiredOption("--reason <text>", "why")
    .action(async (what: string, options: Common & { readonly reason: string }) => {
      const signal = untilStopped();
      const ids = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(what) ? [what] : await standingOn(what, options, signal);
      for (const id of ids) {
        const sent = { change: { reason: options.reason }, method: "POST", signal } as const;
        const run = await askJson<Row>(options, `actions/runs/${id}/lift`, sent);
        if (options.json) print(run);
        else process.stdout.write(`${runSentence(run)}\n`);
      }
    });
  for (const decision of ["approve", "deny"] as const)
    withWhere(group.command(decision))
      .description(decision === "approve" ? "Agree to a run." : "Deny a run: it is not done.")
      .argument("<run>", "id of the run")
      .option("--comment <text>", "why", "")
      .action(async (id: string, { comment, ...options }: Common & { readonly comment: string }) => {
        const sent = { change: { comment }, method: "POST", signal: untilStopped() } as const;
        const run = await askJson<Row>(options, `actions/runs/${encodeURIComponent(id)}/${decision}`, sent);
        if (options.json) print(run);
        else process.stdout.write(`${runSentence(run)}\n`);
      });
}

async function standingOn(target: string, options: Common, signal: AbortSignal): Promise<string[]> {
  const query = { target: target.toLowerCase(), limit: "1000" };
  const { items } = await askJson<Page>(options, "actions/runs", { query, signal });
  const open = ["approval", "queued", "begun", "standing", "lifting"];
  const ids = items.filter(({ state }) => open.includes(String(state))).map(({ id }) => String(id));
  if (ids.length === 0) throw new UsageError(`Nothing stands on ${target}; see "vedette actions bans".`);
  return ids;
}
