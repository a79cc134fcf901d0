import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Telemetry } from "@vedette/core/telemetry";
import type {
  ActionCapability,
  ActionDefinition,
  ActionRequest,
  AnyPlugin,
  ListEntry,
  PluginContext,
  Standing,
  UndoRequest,
} from "@vedette/sdk";
import { eventually, manualClock, recordingLogger } from "@vedette/sdk/testing";
import { actionsConfig } from "../../../../config/index.ts";
import { type ControlDatabase, type ControlTarget, openControlDatabase } from "../../../../control/index.ts";
import { Actions } from "../actions.ts";
import type { ActingPlugin, Action } from "../registry.ts";
import type { ResolveHost } from "../resolve.ts";
import type { Ask, By, Run, RunState } from "../types.ts";

/** A firewall that counts, and that fails as it is told. */
export class Firewall {
  readonly done: ActionRequest[] = [];
  readonly undone: UndoRequest[] = [];
  readonly standing = new Map<string, Standing>();
  /** What the next calls throw, in order; after that they work. */
  readonly failures: unknown[] = [];
  readonly undoFailures: unknown[] = [];
  /** Does it, and then fails all the same. */
  lies = false;
  canList = true;
  hold: Promise<void> | undefined;

  capability(definition: Partial<ActionDefinition> = {}): ActionCapability<unknown> {
    const full: ActionDefinition = {
      ...{ name: "security.ban", targets: ["ip", "cidr"], critical: true, containment: true },
      ...definition,
    };
    return {
      actions: [full, { name: "note", targets: ["ip", "user"], critical: false }],
      execute: (request) => this.#execute(request),
      undo: async (request) => {
        const failure = this.undoFailures.shift();
        if (failure !== undefined) throw failure;
        this.undone.push(request);
        this.standing.delete(request.target.value);
        return { message: "Undone." };
      },
      ...(this.canList && { list: async () => this.standing.values() }),
    };
  }

  async #execute(request: ActionRequest) {
    await this.hold;
    const failure = this.failures.shift();
    if (failure !== undefined && !this.lies) throw failure;
    this.done.push(request);
    this.standing.set(request.target.value, { target: request.target, id: request.id });
    if (failure !== undefined) throw failure;
    return { message: `Banned ${request.target.value}.`, undo: { number: String(this.done.length) } };
  }
}

export const person = (name = "anna", admin = false): By => ({ name, id: name, origin: "person", admin });
const open: (() => Promise<void>)[] = [];

/** Ends everything that tests opened. */
export const closeAll = async (): Promise<void> => {
  for (const close of open.splice(0).reverse()) await close();
};

export async function rig(
  config: object = {},
  {
    definition = {},
    firewall = new Firewall(),
    machine = [],
    target = { kind: "sqlite", dir: mkdtempSync(join(tmpdir(), "actions-")) },
    alone = true,
    more = [],
    resolve,
  }: {
    readonly definition?: Partial<ActionDefinition>;
    readonly firewall?: Firewall;
    readonly machine?: readonly ListEntry[];
    readonly target?: ControlTarget;
    readonly alone?: boolean;
    readonly more?: readonly Action[];
    readonly resolve?: ResolveHost;
  } = {},
) {
  const clock = manualClock();
  const log = recordingLogger();
  const settings = actionsConfig.parse({ dryRun: false, approvals: { rules: "auto" }, ...config });
  const plugin = { id: "wall", locales: { en: {}, de: {} }, action: firewall.capability(definition) };
  const acting: ActingPlugin = {
    ...{ plugin: plugin as unknown as AnyPlugin, enabled: true },
    act: async (_, work) => work({} as PluginContext<unknown>),
  };
  const start = async (): Promise<{
    actions: Actions;
    database: ControlDatabase;
    telemetry: Telemetry;
    close: () => Promise<void>;
  }> => {
    const database = await openControlDatabase(target);
    const telemetry = new Telemetry();
    const actions = new Actions(settings, {
      ...{ database, clock, log, telemetry, redact: (text: string) => text, alone },
      ...{ machine: async () => machine, random: () => 1, everyMs: 10, more },
      ...(resolve && { resolve }),
    });
    actions.attach(() => [acting]);
    actions.start();
    let closed = false;
    const close = async (): Promise<void> => {
      if (closed) return;
      closed = true;
      await actions.stop();
      await database.destroy();
    };
    open.push(close);
    return { actions, database, telemetry, close };
  };
  const first = await start();
  const ask = (value: string, more: Partial<Ask> = {}): Ask => ({
    ...{ action: "wall/security.ban", target: { value }, reason: "Brute force", by: person(), ...more },
  });
  return { ...first, start, clock, log, firewall, ask };
}

/** Waits until a run has a state, and gives it. */
export async function reaches(actions: Actions, id: string, state: RunState): Promise<Run> {
  let found: Run | undefined;
  await eventually(`the run to be ${state}`, async () => {
    found = await actions.ledger.get(id);
    return found?.state === state;
  });
  return found!;
}
