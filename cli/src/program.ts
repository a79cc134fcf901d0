import { Command, CommanderError } from "commander";
import { exitCodeOf, explain } from "./exit.ts";
import { Stopped } from "./signals.ts";
import { version } from "./version.ts";

/** A program without commands. What `vedette` and the agent's bundle share: help, errors, exit codes. */
export const newProgram = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .showHelpAfterError("(add --help to see what there is)")
    .configureHelp({ sortSubcommands: false })
    .exitOverride();

/** Does what the command line says; errors become sentences and exit codes. */
export async function runProgram(program: Command): Promise<void> {
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
}
