import { startEngine } from "../../../collector/src/engine/index.ts";

/** A parent to be killed: starts an engine in the given state directory, prints the engine's process id and lives on. */
const engine = await startEngine({ stateDir: process.argv[2] ?? "" });
console.log(engine.pid);
setInterval(() => {}, 1_000);
