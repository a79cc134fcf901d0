import { isDeepStrictEqual } from "node:util";
import type { Deps, Health } from "@vedette/sdk";
import { messageOf } from "@vedette/sdk";
import { wait } from "@vedette/sdk/input";
import type { JsonMap } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";
import { type HostedPlugin, type StepResult, TaskError } from "../run/hosted.ts";
import type { StateStore } from "./state-store.ts";
import { backOffMs, maxStateChars, readMemory, type TaskMemory, writeMemory } from "./task-state.ts";

export interface TaskSettings {
  readonly id: string;
  readonly input: JsonMap;
  readonly connection: JsonMap;
  readonly customConfig: JsonMap;
  /** From the begin of one run to the begin of the next, milliseconds. */
  readonly everyMs: number;
  /** Pages that one run fetches at most, although the plugin says that there are more. */
  readonly maxPages: number;
  readonly deadlineMs?: number;
  /** What its cursor is kept under. */
  readonly stateKey: string;
  readonly dataType: string;
}

export interface TaskDeps extends Deps {
  readonly plugin: HostedPlugin;
  readonly store: StateStore;
  /** Takes rows; resolves when they are durable. Only then does the cursor move. */
  emit(dataType: string, rows: readonly unknown[]): Promise<void>;
  /** Counts a run that failed, by reason. */
  failed?(reason: string): void;
}

/** What one run of a task did. */
export interface TaskRun {
  readonly pages: number;
  readonly rows: number;
  /** It stopped at `maxPages`; the next run goes on from there. */
  readonly more: boolean;
  /** Milliseconds until it may run again, where it must wait. */
  readonly waitMs: number;
  readonly error?: unknown;
}

/**
 * Runs a task on its schedule with a cursor that survives. A page's rows are durable before its cursor is, so that a crash
 * repeats a page and loses none. A run that fails keeps the cursor it began its page with.
 */
export class TaskRunner {
  readonly #settings: TaskSettings;
  readonly #deps: TaskDeps;
  #health: Health = { status: "healthy", message: "It has not run yet." };

  constructor(settings: TaskSettings, deps: TaskDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Runs until the signal aborts. Rejects only where the store cannot be read or written. */
  async run(): Promise<void> {
    const { signal, clock } = this.#deps;
    while (!signal.aborted) {
      const began = clock.now();
      const { waitMs, more } = await this.once();
      const pause = more ? 0 : began + this.#settings.everyMs - clock.now();
      await wait(Math.max(pause, waitMs, 0), signal);
    }
  }

  /** One run: pages until there are no more. A failure of the plugin is told in the result, not thrown. */
  async once(): Promise<TaskRun> {
    const { store, clock, signal } = this.#deps;
    const { stateKey, maxPages } = this.#settings;
    let memory = readMemory(await store.load(stateKey));
    const early = memory.notBefore - clock.now();
    if (early > 0) return { pages: 0, rows: 0, more: false, waitMs: early };
    let rows = 0;
    let pages = 0;
    while (pages < maxPages && !signal.aborted) {
      let result: StepResult;
      try {
        result = await this.#page(memory.state);
      } catch (error) {
        if (signal.aborted) break;
        return { pages, rows, more: false, ...(await this.#failed(memory, error)) };
      }
      pages++;
      const page = rowsOf(result.output);
      if (page.length > 0) await this.#deps.emit(this.#settings.dataType, page);
      rows += page.length;
      const before = memory;
      const limited = result.statusCode === 429;
      const failures = limited ? memory.failures + 1 : 0;
      const notBefore = limited ? clock.now() + backOffMs(failures, true) : 0;
      memory = { state: result.state ?? memory.state, failures, notBefore };
      if (!same(before, memory)) await store.save(stateKey, writeMemory(memory));
      this.#health = healthy(pages, rows, limited);
      if (limited) return { pages, rows, more: false, waitMs: notBefore - clock.now() };
      if (!result.hasMorePages) return { pages, rows, more: false, waitMs: 0 };
      // More pages, none of them here and no step ahead: asking again at once would never end.
      if (page.length === 0 && same(before, memory)) return { pages, rows, more: false, waitMs: 0 };
    }
    return { pages, rows, more: !signal.aborted, waitMs: 0 };
  }

  health(): Health {
    return this.#health;
  }

  async #page(state: JsonMap): Promise<StepResult> {
    const { id, input, connection, customConfig, deadlineMs } = this.#settings;
    const { plugin, signal } = this.#deps;
    const start = { kind: "task" as const, id, input, connection, state, customConfig };
    const result = await plugin.run(start, { signal, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
    if (JSON.stringify(result.state ?? {}).length > maxStateChars)
      throw hostError("plugin.bad_output", `The task's state has more than ${maxStateChars} characters.`);
    return result;
  }

  /** Keeps the old cursor, and the time before which it is not asked again. */
  async #failed(memory: TaskMemory, error: unknown): Promise<Pick<TaskRun, "waitMs" | "error">> {
    const { store, clock, log, failed } = this.#deps;
    const limited =
      error instanceof TaskError && (error.statusCode === 429 || error.detail.preset === "RATE_LIMIT");
    const failures = memory.failures + 1;
    const waitMs = backOffMs(failures, limited);
    await store.save(
      this.#settings.stateKey,
      writeMemory({ state: memory.state, failures, notBefore: clock.now() + waitMs }),
    );
    failed?.(limited ? "rate_limited" : "task_failed");
    this.#health = {
      status: limited ? "warning" : "error",
      message: `The last run failed: ${messageOf(error)}`,
    };
    log.warn(
      { error, task: this.#settings.id, retryInMs: waitMs },
      "A task failed; it goes on later from where it was.",
    );
    return { waitMs, error };
  }
}

const healthy = (pages: number, rows: number, limited: boolean): Health =>
  limited
    ? { status: "warning", message: "The other side asks to wait." }
    : { status: "healthy", message: `The last run gave ${rows} rows on ${pages} pages.` };

const same = (a: TaskMemory, b: TaskMemory): boolean => isDeepStrictEqual(a, b);

/** The rows of a task's output: a list, or a map with one list in it. */
function rowsOf(output: unknown): readonly unknown[] {
  if (Array.isArray(output)) return output;
  if (typeof output !== "object" || output === null) return [];
  const lists = Object.values(output).filter((each) => Array.isArray(each));
  return lists.length === 1 ? (lists[0] ?? []) : Object.keys(output).length > 0 ? [output] : [];
}
