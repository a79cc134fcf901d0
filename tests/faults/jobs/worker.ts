import { createEgress, systemClock } from "@vedette/sdk";
import { openControlDatabase, openSecretBox } from "../../../collector/src/control/index.ts";
import { criticalRefused, httpRunner } from "../../../collector/src/respond/actions/index.ts";
import { JobStore, JobWorker } from "../../../collector/src/respond/jobs/index.ts";

/** Runs the jobs of a state folder until it is killed. */
const [dir = ""] = process.argv.slice(2);
const target = { kind: "sqlite", dir } as const;
const database = await openControlDatabase(target);
const log = { debug() {}, info() {}, warn: console.error, error: console.error };
const worker = new JobWorker({
  ...{ database, box: openSecretBox(target, {}), redact: (text: string) => text, log, clock: systemClock },
  ...{
    store: new JobStore(database, systemClock),
    actions: httpRunner(createEgress({ allow: ["127.0.0.1"] })),
  },
  ...{ guards: criticalRefused, everyMs: 10, alone: true },
});
worker.start();
process.stdout.write("ready\n");
