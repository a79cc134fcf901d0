import { isDeepStrictEqual } from "node:util";
import type { Deps, Health } from "@vedette/sdk";
import { messageOf } from "@vedette/sdk";
import { wait } from "@vedette/sdk/input";
import type { JsonMap } from "../run/envelope.ts";
import { hostError } from "../run/failure.ts";
import { type HostedPlugin, type StepResult, TaskError } from "../run/hosted.ts";
import type { StateStore } from "./state-store.ts";
import { backOffMs, maxStateChars, readMemory, type TaskMemory, writeMemory } from "./task-state.ts";

/** Where the rows of a task go. Rows have numbers that grow by one with each, over restarts too. */
export interface RowSink {
  /** The number that the next row gets. */
  next(): number;
  /** Rows below this number are durable; undefined where nothing is known of them. */
  durableTo(): number | undefined;
  /** Takes rows in their order; resolves when they are durable. */
  take(rows: readonly unknown[]): Promise<void>;
}

export interface TaskSettings {
  readonly id: string;
  readonly input: JsonMap;
  /** Asked for anew at each run where it is a function. */
  readonly connection: JsonMap | (() => Promise<JsonMap>);
  readonly customConfig: JsonMap;
  /** From the begin of one run to the begin of the next, milliseconds. */
  readonly everyMs: number;
  /** Pages that one run fetches at most, although the plugin says that there are more. */
  readonly maxPages: number;
  readonly deadlineMs?: number;
  /** What its cursor is kept under. */
  readonly stateKey: string;
}

export interface TaskDeps extends Deps {
  readonly plugin: HostedPlugin;
  readonly store: StateStore;
  readonly rows: RowSink;
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
 * Runs a task on its schedule with a cursor that survives. A page and its cursor are written together, in one file, before
 * the page is handed on; after a crash the rows that did not get through are handed on and no others, so that each comes
 * once. A run that fails keeps the cursor it began its page with.
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
    let rows = memory.page?.rows.length ?? 0;
    memory = await this.#handOn(memory);
    const early = memory.notBefore - clock.now();
    if (early > 0) return { pages: 0, rows, more: false, waitMs: early };
    let pages = 0;
    let connection: JsonMap | undefined;
    while (pages < maxPages && !signal.aborted) {
      let result: StepResult;
      try {
        connection ??= await this.#connection();
        result = await this.#page(memory.state, connection);
      } catch (error) {
        if (signal.aborted) break;
        return { pages, rows, more: false, ...(await this.#failed(memory, error)) };
      }
      pages++;
      const page = rowsOf(result.output);
      const before = memory;
      const limited = result.statusCode === 429;
      const failures = limited ? memory.failures + 1 : 0;
      const notBefore = limited ? clock.now() + backOffMs(failures, true) : 0;
      memory = { state: result.state ?? memory.state, failures, notBefore };
      if (page.length > 0) {
        const pending = { ...memory, page: { from: this.#deps.rows.next(), rows: page } };
        await store.save(stateKey, writeMemory(pending));
        await this.#handOn(pending);
      } else if (!same(before, memory)) await store.save(stateKey, writeMemory(memory));
      rows += page.length;
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

  /** Hands on what is left of a page; the memory without it. Rejects where its rows cannot be kept: it is then still there. */
  async #handOn({ page, ...memory }: TaskMemory): Promise<TaskMemory> {
    if (!page) return memory;
    const { store, rows } = this.#deps;
    const { stateKey } = this.#settings;
    const kept = Math.min(page.rows.length, Math.max(0, (rows.durableTo() ?? 0) - page.from));
    const rest = page.rows.slice(kept);
    const from = rows.next();
    // Numbers can start elsewhere, where nothing was durable yet: another crash must find the rows under those they get.
    if (rest.length > 0 && from !== page.from + kept)
      await store.save(stateKey, writeMemory({ ...memory, page: { from, rows: rest } }));
    if (rest.length > 0) await rows.take(rest);
    await store.save(stateKey, writeMemory(memory));
    return memory;
  }

  async #connection(): Promise<JsonMap> {
    const { connection } = this.#settings;
    return typeof connection === "function" ? connection() : connection;
  }

  async #page(state: JsonMap, connection: JsonMap): Promise<StepResult> {
    const { id, input, customConfig, deadlineMs } = this.#settings;
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
