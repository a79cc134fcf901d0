/** A reporter of vitest that writes what `scripts/test.mjs` counts to the file that VEDETTE_REPORT names. */
import { writeFileSync } from "node:fs";

const firstLine = (error) => String(error?.message ?? error).split("\n", 1)[0];

export default class CountingReporter {
  onTestRunEnd(modules, unhandled) {
    const files = modules.map((module) => {
      const counts = { passed: 0, failed: 0, skipped: 0 };
      const failures = [];
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        counts[state === "pending" ? "skipped" : state]++;
        if (state === "failed") failures.push(`${test.fullName}: ${firstLine(errors[0])}`);
      }
      // A file that could not run at all, or whose hooks failed, counts as one failure.
      if (counts.failed === 0 && module.state() === "failed") {
        counts.failed = 1;
        failures.push(firstLine(module.errors()[0] ?? "a hook of the file failed"));
      }
      return { file: module.relativeModuleId, project: module.project.name, ...counts, failures };
    });
    writeFileSync(process.env.VEDETTE_REPORT, JSON.stringify({ files, unhandled: unhandled.length }));
  }
}
