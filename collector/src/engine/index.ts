import { randomBytes } from "node:crypto";
import type { Logger } from "@vedette/sdk";
import { prepareLayout } from "./layout.ts";
import { defaultLimits, type EngineOptions, memoryOf } from "./options.ts";
import { Supervisor } from "./supervisor.ts";

export type { EngineMemory } from "./layout.ts";
export type { EngineLimits } from "./messages.ts";
export type { EngineOptions, EngineState } from "./options.ts";

/** A running engine as ClickHouse clients see it. */
export interface EngineHandle {
  /** Address of the ClickHouse HTTP interface, on loopback; the same across restarts. */
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** A second user that may only read, for dashboards and SQL tools. */
  readonly reader: { readonly user: string; readonly password: string };
  /** Process id of the running engine; undefined between two runs. */
  readonly pid: number | undefined;
  /** Ends the engine gently, then by force. Safe to call twice. */
  stop(): Promise<void>;
}

const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const newKey = () => randomBytes(24).toString("base64url");

/**
 * Starts chDB in a supervised child process that answers the ClickHouse HTTP interface on loopback, and waits until it does.
 * Throws `engine.exited` (retry) with the reason when the first start fails, such as a data directory in use.
 */
export async function startEngine(options: EngineOptions): Promise<EngineHandle> {
  const database = options.database ?? "vedette";
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(database))
    throw new TypeError(`"${database}" cannot name the engine's database.`);
  const layout = await prepareLayout(options.stateDir, database, memoryOf(options.memory));
  const writer = { name: "vedette", key: newKey(), role: "writer" } as const;
  const reader = { name: "reader", key: newKey(), role: "reader" } as const;
  const supervisor = new Supervisor(
    {
      ...layout,
      database,
      port: options.port ?? 0,
      users: [writer, reader],
      limits: { ...defaultLimits, ...options.limits },
    },
    { log: options.log ?? quiet, onState: options.onState ?? (() => {}) },
  );
  const port = await supervisor.start();
  return {
    url: `http://127.0.0.1:${port}`,
    database,
    user: writer.name,
    password: writer.key,
    reader: { user: reader.name, password: reader.key },
    get pid() {
      return supervisor.pid;
    },
    stop: () => supervisor.stop(),
  };
}
