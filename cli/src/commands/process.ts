import { fstatSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../exit.ts";
import { Output, openOutput } from "../process/output.ts";
import { ProcessRun, type ProcessSummary } from "../process/run.ts";
import { untilStopped } from "../signals.ts";

interface ProcessOptions {
  readonly type: string;
  readonly source: string;
  readonly tenant?: string;
  readonly time?: string;
  readonly pipeline: string[];
  readonly rules: string[];
  readonly alerts?: string;
  readonly quiet?: true;
}

const more = (value: string, all: string[]): string[] => [...all, value];

const time = (text: string): string => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Expected RFC 3339, such as 2026-01-31T12:00:00Z.");
  return new Date(ms).toISOString();
};

export function addProcess(program: Command): void {
  program
    .command("process")
    .description(
      "Read raw lines on stdin, write one event a line as JSON on stdout. No server, nothing stored.",
    )
    .requiredOption("--type <dataType>", "data type of the lines, such as nginx, sshd or json")
    .option(
      "--pipeline <path>",
      "pipeline file or folder instead of the built-in ones; repeat for more",
      more,
      [],
    )
    .option("--rules <path>", "rule file or folder instead of the built-in ones; repeat for more", more, [])
    .option("--alerts <file>", "write alerts there, one JSON object a line; - for stdout after the events")
    .option("--source <name>", "dataSource of the events", "stdin")
    .option("--tenant <id>", "tenantId of the events")
    .option(
      "--time <time>",
      "@timestamp of every event, to make runs repeatable; the time of reading when left out",
      time,
    )
    .option("--quiet", "no summary and no warnings on stderr")
    .addHelpText(
      "after",
      `
Events have the shape of protobuf JSON: empty values are left out, 64-bit integers are text.
Rules run when --rules or --alerts is given; their history is what this run has read.

Examples:
  vedette process --type nginx < /var/log/nginx/access.log
  vedette process --type sshd --alerts alerts.ndjson < auth.log | jq .origin.ip
  vedette process --type my_app --pipeline my_app.yaml --rules rules/ --alerts - < app.log`,
    )
    .action(async (options: ProcessOptions) => {
      if (options.type.trim() === "") throw new UsageError("--type needs a name, such as nginx.");
      refuseDirectory();
      const say = (line: string): void => {
        if (!options.quiet) process.stderr.write(`${line}\n`);
      };
      const run = await ProcessRun.load(options, say);
      const alerts = options.alerts === undefined ? undefined : openOutput(options.alerts);
      const events = new Output(process.stdout, "stdout");
      const summary = await run.pipe(process.stdin, events, alerts, untilStopped());
      for (const remark of run.remarks()) say(remark);
      say(sentence(summary));
    });
}

/** Reading a folder gives nothing and no error, which would look like an empty log. */
function refuseDirectory(): void {
  if (fstatSync(process.stdin.fd).isDirectory())
    throw new UsageError("stdin is a directory. Give it a file, such as `< access.log`.");
}

function sentence({ lines, events, dropped, flawed, alerts, seconds }: ProcessSummary): string {
  const rate = seconds > 0 ? ` (${Math.round(lines / seconds).toLocaleString("en")} a second)` : "";
  const raised = alerts === undefined ? "" : `, ${alerts} alerts`;
  return `process: ${lines} lines, ${events} events, ${dropped} dropped, ${flawed} with errors${raised} in ${seconds.toFixed(2)} s${rate}.`;
}
