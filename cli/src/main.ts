import { Command, CommanderError } from "commander";
import { addAgent } from "./commands/agent.ts";
import { addCheck } from "./commands/check.ts";
import { addCollector } from "./commands/collector.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addKey } from "./commands/key.ts";
import { addProcess } from "./commands/process.ts";
import { addQuery } from "./commands/query.ts";
import { addSpool } from "./commands/spool.ts";
import { addTest } from "./commands/test.ts";
import { addUp } from "./commands/up.ts";
import { exitCodeOf, explain } from "./exit.ts";
import { Stopped } from "./signals.ts";
import { version } from "./version.ts";

const program = new Command("vedette")
  .description("A security stream processor: log lines in, enriched events and alerts out.")
  .version(version, "-V, --version", "print the version")
  .helpOption("-h, --help", "show help")
  .showHelpAfterError("(add --help to see what there is)")
  .configureHelp({ sortSubcommands: false })
  .addHelpText(
    "after",
    `
Examples:
  vedette up                                       agent, collector and page on this machine
  vedette process --type nginx < access.log        lines in, events out, no server
  vedette query 'origin.ip:203.0.113.7' --from -1h ask a running collector

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`,
  )
  .exitOverride();

for (const add of [
  addUp,
  addAgent,
  addCollector,
  addCheck,
  addProcess,
  addTest,
  addQuery,
  addSpool,
  addDoctor,
  addKey,
]) {
  add(program);
}

// A reader that goes away, such as `head`, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (!(error instanceof Stopped)) {
    process.stderr.write(`${explain(error)}\n`);
    // At once: what else was started must not keep a failed program alive.
    process.exit(exitCodeOf(error));
  }
}
