import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["@vedette/source"];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

/** Two at least: on a machine of two cores vitest would take one, and most of these tests wait for processes. */
const workers = Math.max(2, availableParallelism());
/** A busy machine may need longer than vitest's one second for what a test waits to see. */
const patient = { poll: { timeout: 60_000 } };
/** Before the tests of each file. */
const setupFiles = ["tests/seed.ts"];
/** These measure what a process takes of the machine, so nothing else may run beside them. */
const measuring = ["tests/e2e/agent-bundle.test.ts", "tests/e2e/agent-start.test.ts"];

/** Projects by what they need: `unit` runs anywhere in seconds, the others start real processes. */
export default defineConfig({
  ...shared,
  test: {
    // chDB and child processes do not survive worker threads being terminated (facts: chDB aborts).
    pool: "forks",
    maxWorkers: workers,
    // A hook may start an engine, a collector or a broker, beside another one that does.
    hookTimeout: 300_000,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          setupFiles,
          expect: patient,
          include: ["{sdk,proto,core,plugins,agent,collector,cli}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.e2e.test.ts"],
          // Random tests of some seconds take several times as long beside others on a busy machine.
          testTimeout: 90_000,
        },
      },
      {
        ...shared,
        test: {
          name: "conformance",
          setupFiles,
          expect: patient,
          include: ["tests/conformance/**/*.test.ts"],
          testTimeout: 300_000,
        },
      },
      {
        ...shared,
        test: { name: "detections", include: ["tests/detections/**/*.test.ts"], testTimeout: 300_000 },
      },
      { ...shared, test: { name: "drift", include: ["tests/drift/**/*.test.ts"], testTimeout: 300_000 } },
      {
        ...shared,
        test: {
          name: "e2e",
          expect: patient,
          include: ["tests/e2e/**/*.test.ts", "collector/**/*.e2e.test.ts"],
          exclude: ["**/node_modules/**", ...measuring],
          testTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: "measuring",
          include: measuring,
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: "faults",
          expect: patient,
          include: ["tests/faults/**/*.test.ts"],
          testTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
