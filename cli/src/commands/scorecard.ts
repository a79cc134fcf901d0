import { type Command, InvalidArgumentError } from "commander";
import { askJson, columns, type Page, type Row, type Where } from "../alerts/api.ts";
import { keyOption, urlOption } from "../live/api.ts";
import { plain } from "../live/plain.ts";
import { untilStopped } from "../signals.ts";

interface Options extends Where {
  readonly days: number;
  readonly all?: true;
  readonly json?: true;
}

const days = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 365)
    throw new InvalidArgumentError("Expected 1 to 365.");
  return value;
};

/** `vedette rules scorecard`: which rules to keep, tune or retire. */
export function addScorecard(program: Command): void {
  const rules =
    program.commands.find((command) => command.name() === "rules") ??
    program.command("rules").description("Look after detection rules.");
  rules
    .command("scorecard")
    .description("Which rules of a running collector to keep, tune or retire, and why.")
    .option(...urlOption)
    .option(...keyOption)
    .option("--days <n>", "days back from now", days, 30)
    .option("--all", "also rules that raised nothing")
    .option("--json", "one JSON object a line")
    .addHelpText("after", "\nExample:\n  vedette rules scorecard --days 7")
    .action(async (options: Options) => {
      const query = { days: String(options.days) };
      const { items } = await askJson<Page>(options, "rules/scorecard", { query, signal: untilStopped() });
      const shown = items.filter((row) => options.all || row.shown !== 0 || row.hidden !== 0);
      if (options.json) for (const row of shown) process.stdout.write(`${JSON.stringify(row)}\n`);
      else if (shown.length === 0) process.stdout.write(`No alerts in ${options.days} days.\n`);
      else process.stdout.write(columns([head, ...shown.map(lineOf)]));
    });
}

const head = ["ADVICE", "ALERTS", "HIDDEN", "TRUE", "FALSE", "RULE", "WHY"];

const lineOf = (row: Row): string[] => [
  ...[row.advice, row.shown, row.hidden, row.truePositives, row.falsePositives, row.name].map(plain),
  (row.reasons as { text: string }[]).map(({ text }) => plain(text)).join(" "),
];
