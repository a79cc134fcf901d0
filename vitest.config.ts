import { defineConfig } from "vitest/config";

const conditions = ["@vedette/source"];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};

/** Projects by what they need: `unit` runs anywhere in seconds, the others start real processes. */
export default defineConfig({
  ...shared,
  test: {
    // chDB and child processes do not survive worker threads being terminated (facts: chDB aborts).
    pool: "forks",
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["{sdk,proto,core,plugins,agent,collector,cli}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/*.e2e.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: { name: "conformance", include: ["tests/conformance/**/*.test.ts"], testTimeout: 60_000 },
      },
      {
        ...shared,
        test: { name: "detections", include: ["tests/detections/**/*.test.ts"], testTimeout: 60_000 },
      },
      { ...shared, test: { name: "drift", include: ["tests/drift/**/*.test.ts"], testTimeout: 60_000 } },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts", "collector/**/*.e2e.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: "faults",
          include: ["tests/faults/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
