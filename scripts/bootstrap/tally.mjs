/** The closing line of a run, `N passed, N failed, N skipped`, or its numbers for a caller that prints one for many runs. */
import { appendFileSync } from "node:fs";

/** Prints the line, unless VEDETTE_TALLY names a file that collects the counts (.ci/run adds them up). */
export const close = ({ passed, failed, skipped }) => {
  const collector = process.env.VEDETTE_TALLY;
  if (collector === undefined || collector === "")
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  else appendFileSync(collector, `${passed} ${failed} ${skipped}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
};
