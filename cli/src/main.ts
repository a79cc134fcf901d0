import type { Command } from "commander";
import { addActions } from "./commands/actions.ts";
import { addAgent } from "./commands/agent.ts";
import { addAgents } from "./commands/agents.ts";
import { addAlerts } from "./commands/alerts.ts";
import { addCapacity } from "./commands/capacity.ts";
import { addCheck } from "./commands/check.ts";
import { addCollector } from "./commands/collector.ts";
import { addConnection } from "./commands/connection.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEnroll } from "./commands/enroll.ts";
import { addKey } from "./commands/key.ts";
import { addLookup } from "./commands/lookup.ts";
import { addPlugin } from "./commands/plugin.ts";
import { addProcess } from "./commands/process.ts";
import { addQuery } from "./commands/query.ts";
import { addReload } from "./commands/reload.ts";
import { addRules } from "./commands/rules.ts";
import { addScorecard } from "./commands/scorecard.ts";
import { addSecret } from "./commands/secret.ts";
import { addSpool } from "./commands/spool.ts";
import { addStore } from "./commands/store.ts";
import { addTap } from "./commands/tap.ts";
import { addTest } from "./commands/test.ts";
import { addTop } from "./commands/top.ts";
import { addUp } from "./commands/up.ts";
import { addWorkflow } from "./commands/workflow.ts";
import { newProgram, runProgram } from "./program.ts";

const program = newProgram(
  "vedette",
  "A security stream processor: log lines in, enriched events and alerts out.",
).addHelpText(
  "after",
  `
Examples:
  vedette up                                       agent, collector and page on this machine
  vedette process --type nginx < access.log        lines in, events out, no server
  vedette query 'origin.ip:203.0.113.7' --from -1h ask a running collector
  vedette top                                      watch an agent work

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.`,
);

type Connections = NonNullable<Parameters<typeof addAgent>[1]>;

/** Connections of the collector on this machine; loaded when the first is asked for. */
const connectionsBeside: Connections = (config, know) => {
  let source: ReturnType<typeof import("./stored-connections.ts")["storedConnections"]> | undefined;
  return async (...of) => {
    const { storedConnections } = await import("./stored-connections.ts");
    source ??= storedConnections(config === undefined ? {} : { config }, know);
    return source.settings(...of);
  };
};

for (const add of [
  addUp,
  (parent: Command) => addAgent(parent, connectionsBeside),
  addCollector,
  addEnroll,
  addAgents,
  addCheck,
  addProcess,
  addTest,
  addRules,
  addQuery,
  addAlerts,
  addActions,
  addTap,
  addTop,
  addReload,
  addSpool,
  addStore,
  addDoctor,
  addKey,
  addSecret,
  addConnection,
  addCapacity,
  addLookup,
  addPlugin,
  addWorkflow,
  addScorecard,
]) {
  add(program);
}

await runProgram(program);
