import { Telemetry } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { actionsConfig } from "../../../collector/src/config/index.ts";
import { openControlDatabase } from "../../../collector/src/control/index.ts";
import { Actions } from "../../../collector/src/respond/index.ts";
import { wall } from "./wall.ts";

/** Carries out the actions of a state folder until it is killed. */
const [dir = "", url = ""] = process.argv.slice(2);
const database = await openControlDatabase({ kind: "sqlite", dir });
const log = { debug() {}, info() {}, warn: console.error, error: console.error };
const config = actionsConfig.parse({ dryRun: false, caps: { perMinute: 10_000 }, cooldownMinutes: 0 });
const actions = new Actions(config, {
  ...{ database, log, clock: systemClock, telemetry: new Telemetry(), redact: (text: string) => text },
  ...{ everyMs: 10, alone: true },
});
actions.attach(() => [wall(url)]);
actions.start();
process.stdout.write("ready\n");
