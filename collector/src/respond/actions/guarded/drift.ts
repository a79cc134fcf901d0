import { type Clock, canonicalTarget, type Logger, messageOf, type Standing } from "@vedette/sdk";
import type { ActionsConfig } from "../../../config/index.ts";
import type { ActionLedger } from "./ledger.ts";
import type { Action, ActionRegistry } from "./registry.ts";
import type { Run } from "./types.ts";

/** How the real state of an action differs from what was done here. Times in milliseconds since 1970. */
export interface Drift {
  readonly action: string;
  readonly at: number;
  /** Why the backend could not be asked. */
  readonly problem?: string;
  readonly ours: number;
  readonly real: number;
  /** Runs that stand here and not there. */
  readonly missing: readonly { readonly run: string; readonly target: string }[];
  /** What stands there and is none of ours; `foreignCount` tells of all. */
  readonly foreign: readonly { readonly target: string; readonly origin: string }[];
  readonly foreignCount: number;
}

interface DriftDeps {
  readonly ledger: ActionLedger;
  readonly registry: ActionRegistry;
  readonly config: ActionsConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wake: () => void;
}

const mostTold = 100;
/** What was begun, or ends, within so much time may be on its way. */
const settleMs = 5_000;

/** Compares what stands here with what stands at the backends. */
export class DriftCheck {
  readonly #deps: DriftDeps;
  readonly #last = new Map<string, Drift>();
  #checking: Promise<readonly Drift[]> | undefined;

  constructor(deps: DriftDeps) {
    this.#deps = deps;
  }

  /** What was found last, of each action. */
  get last(): readonly Drift[] {
    return [...this.#last.values()];
  }

  /** Asks every backend that can say what stands. One check at a time. */
  check(): Promise<readonly Drift[]> {
    this.#checking ??= this.#all().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #all(): Promise<readonly Drift[]> {
    const actions = this.#deps.registry
      .list()
      .filter(
        ({ definition, list, source, absence }) =>
          definition.containment && list && source !== "builtin" && absence() === undefined,
      );
    for (const id of this.#last.keys()) if (!actions.some((each) => each.id === id)) this.#last.delete(id);
    for (const action of actions) {
      const found = await this.#one(action);
      const before = this.#last.get(action.id);
      this.#last.set(action.id, found);
      await this.#tell(found, before);
    }
    return this.last;
  }

  async #one(action: Action): Promise<Drift> {
    const { ledger, clock } = this.#deps;
    const at = clock.now();
    const ours = await ledger.standing(action.id);
    const empty = { action: action.id, at, ours: ours.length, missing: [], foreign: [], foreignCount: 0 };
    let real: readonly Standing[];
    try {
      real = await action.list!();
    } catch (error) {
      return { ...empty, real: 0, problem: messageOf(error).slice(0, 300) };
    }
    const known = new Set(ours.map(({ target }) => target));
    const ids = new Set(ours.map(({ id }) => id));
    const there = new Set(real.map(({ target }) => canonicalTarget(target)?.value ?? target.value));
    const idsThere = new Set(real.flatMap(({ id }) => (id === undefined ? [] : [id])));
    const settled = ({ begun_at, expires_at, state }: Run): boolean =>
      state === "standing" && Number(begun_at) < at - settleMs && Number(expires_at) > at + settleMs;
    const missing = ours.filter((run) => settled(run) && !there.has(run.target) && !idsThere.has(run.id));
    // What was lifted while the backend was asked is no stranger.
    const now = new Set((await ledger.standing(action.id)).map(({ target }) => target));
    const foreign = real.filter(({ id, target }) => {
      const value = canonicalTarget(target)?.value ?? target.value;
      return !known.has(value) && !now.has(value) && !(id !== undefined && ids.has(id));
    });
    return {
      ...{ ...empty, real: real.length },
      missing: missing.slice(0, mostTold).map(({ id, target }) => ({ run: id, target })),
      foreign: foreign.slice(0, mostTold).map(({ target, origin = "" }) => ({
        target: target.value.slice(0, 300),
        origin: origin.slice(0, 200),
      })),
      foreignCount: foreign.length,
    };
  }

  /** Logs what is new, and mends what was missing twice: what is on its way is there the second time. */
  async #tell(found: Drift, before: Drift | undefined): Promise<void> {
    const { log, config, ledger, wake } = this.#deps;
    if (found.problem !== undefined && before?.problem === undefined)
      log.warn(
        { action: found.action, reason: found.problem },
        "The real state of an action cannot be read.",
      );
    const missed = new Set(before?.missing.map(({ run }) => run));
    const again = found.missing.filter(({ run }) => missed.has(run));
    const fresh = found.missing.length - again.length;
    if (fresh > 0 || found.foreignCount > (before?.foreignCount ?? 0))
      log.warn(
        { action: found.action, missing: found.missing.length, foreign: found.foreignCount },
        "The real state of an action differs from what was done.",
      );
    if (!config.drift.mend || again.length === 0) return;
    await ledger.redo(again.map(({ run }) => run));
    wake();
  }
}
