import { FileStateStore, type StateStore, TaskRunner } from "@vedette/core/plugins/icon";
import { createLogger } from "@vedette/core/telemetry";
import { systemClock } from "@vedette/sdk";
import { readMap } from "./read-map.ts";
import { hostedPlugin, type RunContext } from "./run-context.ts";

/** Without --state every run begins as the first one does. */
const forgetful: StateStore = { load: async () => undefined, save: async () => {} };

/** Runs pages of a task: a row a line on stdout, the cursor in the folder of --state. */
export async function runTask(context: RunContext): Promise<void> {
  const { component, input, connection, options, signal } = context;
  const runner = new TaskRunner(
    {
      id: component.id,
      input,
      connection,
      customConfig: options.config === undefined ? {} : readMap(options.config, "--config"),
      everyMs: 0,
      maxPages: options.pages,
      stateKey: `${context.spec.name}.${component.id}`,
      ...(options.timeout === undefined ? {} : { deadlineMs: options.timeout * 1_000 }),
    },
    {
      plugin: hostedPlugin(context),
      store: options.state === undefined ? forgetful : new FileStateStore(options.state),
      log: createLogger({ name: "plugin", level: "silent" }),
      clock: systemClock,
      signal,
      rows: {
        // Nobody says how much of stdout was read: a page that was cut off is printed again.
        next: () => 0,
        durableTo: () => undefined,
        take: async (rows) => {
          process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
        },
      },
    },
  );
  const { pages, rows, more, waitMs, error } = await runner.once();
  if (error !== undefined) throw error;
  const rest = more
    ? "; there are more"
    : waitMs > 0
      ? `; the other side asks to wait ${Math.ceil(waitMs / 1_000)} s`
      : "";
  process.stderr.write(`task: ${rows} rows on ${pages} pages${rest}.\n`);
}
